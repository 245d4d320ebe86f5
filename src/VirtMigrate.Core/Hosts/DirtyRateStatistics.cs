using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Hosts;

/// <summary>Reads measurements of how fast guests change their memory from their statistics (dirtyrate.…).</summary>
internal static class DirtyRateStatistics
{
    private const int Measuring = 1;
    private const int Measured = 2;
    private const int ShutOff = 5;
    private const long MiB = 1024 * 1024;
    private const string VcpuPrefix = "dirtyrate.vcpu.";
    private const string VcpuSuffix = ".megabytes_per_second";

    /// <summary>
    /// Reads the last measurement, without its time, which is told by the host's uptime only; null where there is none that has ended with
    /// a figure: QEMU says -1 where it had nothing to compare.
    /// </summary>
    public static DirtyRateReading? ReadLast(IReadOnlyList<TypedParameter> statistics) =>
        statistics.FindNumber("dirtyrate.calc_status") == Measured && statistics.FindNumber("dirtyrate.megabytes_per_second") is { } rate and >= 0
            ? new(rate * MiB, ReadPeriod(statistics), null)
            {
                Mode = ReadMode(statistics),
                Vcpus = ReadVcpus(statistics),
                ResidentMemory = statistics.FindNumber("balloon.rss") * 1024,
            }
            : null;

    /// <summary>
    /// Reads the measurement that is going on, or the last one that ended, of a VM that has to run, from its statistics of state, balloon
    /// and dirtyrate; none where libvirt gives none of it.
    /// </summary>
    /// <exception cref="HypervisorException">The VM does not run.</exception>
    public static DirtyRateStatus ReadOfRunning(IReadOnlyList<TypedParameter> statistics, HostAddress address) =>
        statistics.Count == 0 || statistics.FindNumber("state.state") == ShutOff
            ? throw new HypervisorException("The VM is not running, so its dirty rate can't be measured.") { Host = address }
            : Read(statistics);

    /// <summary>Reads the measurement that is going on, or the last one that ended.</summary>
    internal static DirtyRateStatus Read(IReadOnlyList<TypedParameter> statistics)
    {
        var status = statistics.FindNumber("dirtyrate.calc_status");
        return new()
        {
            IsMeasuring = status == Measuring,
            HasEnded = status == Measured,
            Begin = statistics.FindNumber("dirtyrate.calc_start_time") is { } begin and > 0 ? begin : null,
            Period = ReadPeriod(statistics),
            Mode = ReadMode(statistics),
            Reading = ReadLast(statistics),
        };
    }

    private static TimeSpan ReadPeriod(IReadOnlyList<TypedParameter> statistics) =>
        ClampedTimeSpan.FromSeconds(statistics.FindNumber("dirtyrate.calc_period") ?? 0);

    // Libvirt before 8.1 has one mode, and doesn't name it.
    private static DirtyRateMode ReadMode(IReadOnlyList<TypedParameter> statistics) =>
        statistics.FindText("dirtyrate.calc_mode") is { } name ? DirtyRateModes.Parse(name) : DirtyRateMode.PageSampling;

    private static List<VcpuDirtyRate> ReadVcpus(IReadOnlyList<TypedParameter> statistics)
    {
        var rates = new List<VcpuDirtyRate>();
        foreach (var (name, number, _) in statistics)
        {
            if (name.StartsWith(VcpuPrefix, StringComparison.Ordinal) && name.EndsWith(VcpuSuffix, StringComparison.Ordinal)
                && name.Length > VcpuPrefix.Length + VcpuSuffix.Length
                && int.TryParse(name[VcpuPrefix.Length..^VcpuSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var vcpu)
                && number is { } rate)
            {
                rates.Add(new(vcpu, rate * MiB));
            }
        }

        return rates;
    }
}

/// <summary>Which VMs can be measured in which mode.</summary>
internal static class DirtyRateModes
{
    private static readonly Version LibvirtWithModes = new(8, 1);

    // What QEMU says of a mode that the VM was not started for, from 6.2 on and since 7.0.
    private static readonly string[] Refusals = ["use sample-pages method instead", "use other method instead"];

    // In libvirt's words (qemuMonitorDirtyRateCalcMode), by DirtyRateMode.
    private static readonly string[] Names = ["page-sampling", "dirty-bitmap", "dirty-ring"];

    /// <summary>Libvirt's word for a mode, such as <c>dirty-ring</c>.</summary>
    public static string ToName(DirtyRateMode mode) => Names[(int)mode];

    /// <summary>Reads libvirt's word for a mode; page sampling where it is none that is known.</summary>
    public static DirtyRateMode Parse(string name) =>
        (DirtyRateMode)Math.Max(0, Array.FindIndex(Names, n => n.Equals(name, StringComparison.Ordinal)));

    /// <summary>What keeps a VM of a domain type (<c>kvm</c>, or <c>qemu</c> for software emulation) from being measured in a mode: a sentence, or null.</summary>
    /// <remarks>
    /// In these modes QEMU before 9.1 asks KVM without seeing whether there is one, and ends with a segmentation fault
    /// (kvm_dirty_ring_enabled); later ones count what KVM hands over only, and say 0. Either way such a VM must not be asked.
    /// </remarks>
    public static string? FindObstacle(VmHost host, string domainType, DirtyRateMode mode) => mode switch
    {
        DirtyRateMode.PageSampling => null,
        _ when host.LibvirtVersion < LibvirtWithModes =>
            $"libvirt {host.LibvirtVersion} on '{host.Name}' measures dirty rates in mode {DirtyRateMode.PageSampling} only; the other modes need libvirt {LibvirtWithModes}.",
        _ when !domainType.Equals("kvm", StringComparison.Ordinal) =>
            $"the VM does not run with KVM, which counts the writes in mode {mode}. If asked nevertheless, QEMU before 9.1 would crash, and the VM with it.",
        _ => null,
    };

    /// <summary>Whether an error is QEMU's refusal of a mode that it can't measure this VM in.</summary>
    public static bool IsRefusal(HypervisorException exception) =>
        Refusals.Any(r => exception.Message.Contains(r, StringComparison.Ordinal));
}
