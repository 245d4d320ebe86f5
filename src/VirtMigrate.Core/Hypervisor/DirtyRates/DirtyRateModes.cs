using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.DirtyRates;

/// <summary>Which VMs can be measured in which mode.</summary>
internal static class DirtyRateModes
{
    private static readonly Version LibvirtWithModes = new(8, 1);

    // What QEMU says of a mode that the VM was not started for, from 6.2 on and since 7.0.
    private static readonly string[] Refusals = ["use sample-pages method instead", "use other method instead"];

    // In libvirt's words (qemuMonitorDirtyRateCalcMode), by DirtyRateMode.
    private static readonly string[] Names = ["page-sampling", "dirty-bitmap", "dirty-ring"];

    /// <summary>Libvirt's word for a mode, such as <c>dirty-ring</c>.</summary>
    /// <param name="mode">The mode.</param>
    /// <returns>The word.</returns>
    public static string ToName(DirtyRateMode mode) => Names[(int)mode];

    /// <summary>Reads libvirt's word for a mode.</summary>
    /// <param name="name">The word.</param>
    /// <returns>The mode; page sampling where it is none that is known.</returns>
    public static DirtyRateMode Parse(string name) =>
        (DirtyRateMode)Math.Max(0, Array.FindIndex(Names, n => n.Equals(name, StringComparison.Ordinal)));

    /// <summary>What keeps a VM from being measured in a mode.</summary>
    /// <param name="host">The host that it is on.</param>
    /// <param name="domainType">Its type of domain: <c>kvm</c>, or <c>qemu</c> for software emulation.</param>
    /// <param name="mode">The mode.</param>
    /// <returns>A sentence; null where nothing is known to.</returns>
    /// <remarks>
    /// In these modes QEMU before 9.1 asks KVM without seeing whether there is one, and ends with a segmentation fault
    /// (kvm_dirty_ring_enabled); later ones count what KVM hands over only, and say 0. Either way such a VM must not be asked.
    /// </remarks>
    public static string? FindObstacle(VmHost host, string domainType, DirtyRateMode mode) => mode switch
    {
        DirtyRateMode.PageSampling => null,
        _ when host.LibvirtVersion < LibvirtWithModes =>
            $"libvirt {host.LibvirtVersion} on '{host.Name}' measures in mode {DirtyRateMode.PageSampling} only; the other modes came with {LibvirtWithModes}.",
        _ when !domainType.Equals("kvm", StringComparison.Ordinal) =>
            $"the VM does not run with KVM, which counts the writes in mode {mode}. Asked all the same, QEMU before 9.1 would crash, and the VM with it.",
        _ => null,
    };

    /// <summary>Whether an error is QEMU's refusal of a mode that it can't measure this VM in.</summary>
    /// <param name="exception">The error.</param>
    /// <returns>True when it is.</returns>
    public static bool IsRefusal(HypervisorException exception) =>
        Refusals.Any(r => exception.Message.Contains(r, StringComparison.Ordinal));
}
