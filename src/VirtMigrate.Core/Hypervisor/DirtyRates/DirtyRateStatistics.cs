using System.Globalization;
using VirtMigrate.Hypervisor.Statistics;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.DirtyRates;

/// <summary>Reads measurements of how fast guests change their memory from their statistics (dirtyrate.…).</summary>
internal static class DirtyRateStatistics
{
    private const int Measuring = 1;
    private const int Measured = 2;
    private const int ShutOff = 5;
    private const long MiB = 1024 * 1024;
    private const string VcpuPrefix = "dirtyrate.vcpu.";
    private const string VcpuSuffix = ".megabytes_per_second";

    /// <summary>Reads the last measurement.</summary>
    /// <param name="values">The VM's statistics.</param>
    /// <returns>
    /// The measurement, without its time, which is told by the host's uptime only; null where there is none that has ended with a figure:
    /// QEMU says -1 where it had nothing to compare.
    /// </returns>
    public static DirtyRateReading? Read(IReadOnlyList<Statistic> values) =>
        values.FindNumber("dirtyrate.calc_status") == Measured && values.FindNumber("dirtyrate.megabytes_per_second") is { } rate and >= 0
            ? new(rate * MiB, ReadPeriod(values), null)
            {
                Mode = ReadMode(values),
                Vcpus = ReadVcpus(values),
                ResidentMemory = values.FindNumber("balloon.rss") * 1024,
            }
            : null;

    /// <summary>Looks at the measurement of a VM that has to run.</summary>
    /// <param name="values">The VM's statistics of state, balloon and dirtyrate; none where libvirt gives none of it.</param>
    /// <param name="address">The host.</param>
    /// <returns>The one that is going on, or the last one that ended.</returns>
    /// <exception cref="HypervisorException">The VM does not run.</exception>
    public static DirtyRateLook LookAtRunning(IReadOnlyList<Statistic> values, HostAddress address) =>
        values.Count == 0 || values.FindNumber("state.state") == ShutOff
            ? throw new HypervisorException("The VM does not run, so that its dirty rate can't be measured.") { Host = address }
            : Look(values);

    /// <summary>What a VM's statistics tell of its measurement.</summary>
    /// <param name="values">The statistics.</param>
    /// <returns>The one that is going on, or the last one that ended.</returns>
    internal static DirtyRateLook Look(IReadOnlyList<Statistic> values)
    {
        var status = values.FindNumber("dirtyrate.calc_status");
        return new()
        {
            IsMeasuring = status == Measuring,
            HasEnded = status == Measured,
            Begin = values.FindNumber("dirtyrate.calc_start_time") is { } begin and > 0 ? begin : null,
            Period = ReadPeriod(values),
            Mode = ReadMode(values),
            Reading = Read(values),
        };
    }

    private static TimeSpan ReadPeriod(IReadOnlyList<Statistic> values) =>
        StatisticDuration.OfSeconds(values.FindNumber("dirtyrate.calc_period") ?? 0);

    // Libvirt before 8.1 has one mode, and doesn't name it.
    private static DirtyRateMode ReadMode(IReadOnlyList<Statistic> values) =>
        values.FindText("dirtyrate.calc_mode") is { } name ? DirtyRateModes.Parse(name) : DirtyRateMode.PageSampling;

    private static List<VcpuDirtyRate> ReadVcpus(IReadOnlyList<Statistic> values)
    {
        var rates = new List<VcpuDirtyRate>();
        foreach (var (name, number, _) in values)
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
