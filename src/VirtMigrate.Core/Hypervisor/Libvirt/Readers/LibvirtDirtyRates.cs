using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

/// <summary>Reads and measures how fast guests change their memory (dirtyrate.…).</summary>
/// <param name="address">The host.</param>
internal sealed class LibvirtDirtyRates(HostAddress address)
{
    private const uint PageSampling = 0;
    private const int Measuring = 1;
    private const int Measured = 2;
    private const int ShutOff = 5;
    private const long MiB = 1024 * 1024;
    private const string AlreadyMeasuring = "already being measured";

    /// <summary>Finds a number among a VM's statistics.</summary>
    /// <param name="values">The statistics.</param>
    /// <param name="name">The number's name.</param>
    /// <returns>The number; null where there is none.</returns>
    public static long? Find(ReadOnlySpan<TypedParameter> values, ReadOnlySpan<byte> name)
    {
        foreach (ref readonly var value in values)
        {
            if (value.Is(name))
            {
                return value.Number;
            }
        }

        return null;
    }

    /// <summary>Reads the last measurement from a VM's statistics.</summary>
    /// <param name="values">The statistics.</param>
    /// <returns>The measurement, without its time, which is told by the host's uptime only; null where there is none that has ended.</returns>
    public static DirtyRateReading? Read(ReadOnlySpan<TypedParameter> values) =>
        Find(values, "dirtyrate.calc_status"u8) == Measured && Find(values, "dirtyrate.megabytes_per_second"u8) is { } rate
            ? new(rate * MiB, TimeSpan.FromSeconds(Find(values, "dirtyrate.calc_period"u8) ?? 0), null)
            : null;

    /// <summary>Looks at a VM's measurement.</summary>
    /// <param name="domain">The VM.</param>
    /// <returns>Whether one is going on, and the last one that ended.</returns>
    /// <exception cref="HypervisorException">The VM does not run.</exception>
    public (bool IsMeasuring, DirtyRateReading? Reading) Look(DomainHandle domain)
    {
        using var statistics = LibvirtStatistics.Of(domain, LibvirtStatistics.StateGroup | LibvirtStatistics.DirtyRateGroup, address);
        if (statistics.Count == 0 || Find(statistics[0], "state.state"u8) == ShutOff)
        {
            throw new HypervisorException("The VM does not run, so that its dirty rate can't be measured.") { Host = address };
        }

        return (Find(statistics[0], "dirtyrate.calc_status"u8) == Measuring, Read(statistics[0]));
    }

    /// <summary>Begins a measurement, unless one is going on.</summary>
    /// <param name="domain">The VM.</param>
    /// <param name="seconds">How long it takes.</param>
    /// <returns>Whether it was begun; otherwise somebody else's is going on.</returns>
    public bool Start(DomainHandle domain, int seconds)
    {
        if (Look(domain).IsMeasuring)
        {
            return false;
        }

        if (NativeMethods.DomainStartDirtyRateCalc(domain, seconds, PageSampling) >= 0)
        {
            return true;
        }

        var exception = LibvirtErrors.LastException(address);
        return exception.Message.Contains(AlreadyMeasuring, StringComparison.Ordinal) ? false : throw exception;
    }
}
