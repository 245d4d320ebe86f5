using System.Globalization;
using System.Text;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Hypervisor.Libvirt.Readers;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt.DirtyRates;

/// <summary>Reads and starts measurements of how fast guests change their memory (dirtyrate.…, virDomainStartDirtyRateCalc).</summary>
/// <param name="address">The host.</param>
/// <param name="jobs">Reads the VMs' jobs.</param>
internal sealed class LibvirtDirtyRates(HostAddress address, LibvirtJobs jobs)
{
    private const uint Groups = LibvirtStatistics.StateGroup | LibvirtStatistics.BalloonGroup | LibvirtStatistics.DirtyRateGroup;
    private const int Measuring = 1;
    private const int Measured = 2;
    private const int ShutOff = 5;
    private const long MiB = 1024 * 1024;
    private const string AlreadyMeasuring = "already being measured";
    private const string VcpuPrefix = "dirtyrate.vcpu.";
    private const string VcpuSuffix = ".megabytes_per_second";

    // In libvirt's words (qemuMonitorDirtyRateCalcMode), with the bits of virDomainDirtyRateCalcFlags.
    private static readonly (string Name, uint Flag)[] Modes = [("page-sampling", 0), ("dirty-bitmap", 1 << 0), ("dirty-ring", 1 << 1)];

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
    /// <returns>
    /// The measurement, without its time, which is told by the host's uptime only; null where there is none that has ended with a figure:
    /// QEMU says -1 where it had nothing to compare.
    /// </returns>
    public static DirtyRateReading? Read(ReadOnlySpan<TypedParameter> values) =>
        Find(values, "dirtyrate.calc_status"u8) == Measured && Find(values, "dirtyrate.megabytes_per_second"u8) is { } rate and >= 0
            ? new(rate * MiB, ReadPeriod(values), null)
            {
                Mode = ReadMode(values),
                Vcpus = ReadVcpus(values),
                ResidentMemory = Find(values, "balloon.rss"u8) * 1024,
            }
            : null;

    /// <summary>Looks at a VM's measurement.</summary>
    /// <param name="domain">The VM.</param>
    /// <returns>The one that is going on, or the last one that ended.</returns>
    /// <exception cref="HypervisorException">The VM does not run.</exception>
    public DirtyRateLook Look(DomainHandle domain)
    {
        using var statistics = LibvirtStatistics.Of(domain, Groups, address);
        return statistics.Count == 0 || Find(statistics[0], "state.state"u8) == ShutOff
            ? throw new HypervisorException("The VM does not run, so that its dirty rate can't be measured.") { Host = address }
            : Look(statistics[0]);
    }

    /// <summary>Begins a measurement, unless one is going on.</summary>
    /// <param name="domain">The VM.</param>
    /// <param name="seconds">How long it takes.</param>
    /// <param name="mode">How it is made.</param>
    /// <returns>Whether it was begun; otherwise somebody else's is going on.</returns>
    /// <exception cref="VmBusyException">A job holds the VM, for whose end libvirt would wait half a minute.</exception>
    /// <exception cref="HypervisorNotSupportedException">The VM can't be measured in this mode.</exception>
    public bool Start(DomainHandle domain, int seconds, DirtyRateMode mode)
    {
        RefuseBusy(jobs.ReadPresent(domain));
        if (NativeMethods.DomainStartDirtyRateCalc(domain, seconds, Modes[(int)mode].Flag) >= 0)
        {
            return true;
        }

        var exception = LibvirtErrors.LastException(address);
        return exception.Message.Contains(AlreadyMeasuring, StringComparison.Ordinal) ? false
            : DirtyRateModes.IsRefusal(exception) ? throw new HypervisorNotSupportedException(exception.Error!, address)
            : throw exception;
    }

    /// <summary>What a VM's statistics tell of its measurement.</summary>
    /// <param name="values">The statistics.</param>
    /// <returns>The one that is going on, or the last one that ended.</returns>
    internal static DirtyRateLook Look(ReadOnlySpan<TypedParameter> values)
    {
        var status = Find(values, "dirtyrate.calc_status"u8);
        return new()
        {
            IsMeasuring = status == Measuring,
            HasEnded = status == Measured,
            Begin = Find(values, "dirtyrate.calc_start_time"u8) is { } begin and > 0 ? begin : null,
            Period = ReadPeriod(values),
            Mode = ReadMode(values),
            Reading = Read(values),
        };
    }

    // A backup lets the VM be measured (VIR_JOB_MODIFY is among the jobs that it allows); no other job does.
    private void RefuseBusy(JobReading job)
    {
        if (job.IsHidden || job.Statistics is { Operation: not JobOperation.Backup })
        {
            throw new VmBusyException(job.Statistics is { } statistics ? $"{statistics.Operation}." : "its job lock is held.", address);
        }
    }

    private static TimeSpan ReadPeriod(ReadOnlySpan<TypedParameter> values) =>
        TimeSpan.FromSeconds(Find(values, "dirtyrate.calc_period"u8) ?? 0);

    private static DirtyRateMode ReadMode(ReadOnlySpan<TypedParameter> values)
    {
        foreach (ref readonly var value in values)
        {
            if (value.Is("dirtyrate.calc_mode"u8))
            {
                var name = value.Text;
                return (DirtyRateMode)Math.Max(0, Array.FindIndex(Modes, m => m.Name.Equals(name, StringComparison.Ordinal)));
            }
        }

        // Libvirt before 8.1 has one mode, and doesn't name it.
        return DirtyRateMode.PageSampling;
    }

    private static List<VcpuDirtyRate> ReadVcpus(ReadOnlySpan<TypedParameter> values)
    {
        var rates = new List<VcpuDirtyRate>();
        foreach (ref readonly var value in values)
        {
            var name = Encoding.UTF8.GetString(value.Field);
            if (name.StartsWith(VcpuPrefix, StringComparison.Ordinal) && name.EndsWith(VcpuSuffix, StringComparison.Ordinal)
                && int.TryParse(name[VcpuPrefix.Length..^VcpuSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var vcpu)
                && value.Number is { } rate)
            {
                rates.Add(new(vcpu, rate * MiB));
            }
        }

        return rates;
    }
}
