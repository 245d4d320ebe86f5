namespace VirtMigrate.Readiness;

/// <summary>From which versions on the hypervisor moves, or speaks for, devices of some kinds.</summary>
internal static class QemuVersions
{
    private static readonly Version QemuThatTells = new(6, 0);
    private static readonly Version LibvirtThatAsks = new(7, 2);

    /// <summary>QEMU's first version that moves VFIO devices whose drivers can be moved (vfio/migration.c).</summary>
    public static Version Vfio { get; } = new(8, 1);

    /// <summary>QEMU's first version that can move virtiofs (vhost-user-fs.c).</summary>
    public static Version Virtiofs { get; } = new(8, 2);

    /// <summary>QEMU's first version that can move vDPA devices (vhost-vdpa.c).</summary>
    public static Version Vdpa { get; } = new(8, 0);

    /// <summary>
    /// QEMU's first version of which it was not seen that a source ends (an assertion in util/yank.c) when the destination's QEMU goes while
    /// memory moves over several connections. With 7.2 it was.
    /// </summary>
    public static Version Connections { get; } = new(8, 0);

    /// <summary>Whether libvirt asks QEMU what can't be moved (query-migrate's blocked-reasons), and says it in QEMU's words.</summary>
    public static bool AsksQemu(VmHost host) => host.HypervisorVersion >= QemuThatTells && host.LibvirtVersion >= LibvirtThatAsks;
}
