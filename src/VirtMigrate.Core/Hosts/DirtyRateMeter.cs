using System.Globalization;
using VirtMigrate.Failures;

namespace VirtMigrate.Hosts;

/// <summary>
/// Measures a VM's dirty rate over a transport that can look at a measurement and start one. QEMU makes one measurement of a VM at a
/// time, refuses another meanwhile, and keeps the last figure only, whoever asked for it.
/// </summary>
/// <param name="address">The host.</param>
/// <param name="look">Looks at the VM's measurement.</param>
/// <param name="start">Begins one of so many seconds; false where one is going on.</param>
/// <param name="time">What tells the time.</param>
internal sealed class DirtyRateMeter(
    HostAddress address,
    Func<CancellationToken, Task<DirtyRateStatus>> look,
    Func<int, CancellationToken, Task<bool>> start,
    TimeProvider time)
{
    // MAX_DIRTYRATE_CALC_PERIOD (qemu_driver.c).
    private const int LongestPeriod = 60;
    private const string AlreadyMeasuring = "already being measured";

    // How late a figure may be, and how long others are let go first: each of their measurements takes a minute at most.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(3);

    // A VM that stops meanwhile is noticed at the next look.
    private static readonly TimeSpan LongestInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(200);

    // Whoever measured, or shares it, gets to see the figure before the next measurement overwrites it.
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(500);

    /// <summary>Refuses to measure a VM that a job holds, for whose end libvirt would wait half a minute.</summary>
    /// <exception cref="VmBusyException">A job holds the VM.</exception>
    /// <remarks>A backup lets the VM be measured (VIR_JOB_MODIFY is among the jobs that it allows); no other job does.</remarks>
    public static void RefuseBusy(JobReading job, HostAddress address)
    {
        if (job.IsHidden || job.Statistics is { Operation: not JobOperation.Backup })
        {
            throw new VmBusyException(job.Statistics is { } statistics ? $"{statistics.Operation}." : "its job lock is held.", address);
        }
    }

    /// <summary>Tells why a measurement did not begin (virDomainStartDirtyRateCalc): false where one is going on.</summary>
    /// <exception cref="HypervisorNotSupportedException">The VM can't be measured in this mode.</exception>
    /// <exception cref="HypervisorException">Anything else.</exception>
    public static bool FalseIfMeasuring(HypervisorException exception, HostAddress address) =>
        exception.Message.Contains(AlreadyMeasuring, StringComparison.Ordinal) ? false
            : DirtyRateModes.IsRefusal(exception) && exception.Error is { } error ? throw new HypervisorNotSupportedException(error, address)
            : throw exception;

    /// <summary>
    /// Measures, after whatever else is being measured, or takes part in a measurement that is going on and is the same.
    /// </summary>
    /// <exception cref="HypervisorException">QEMU found nothing that it could measure.</exception>
    /// <exception cref="HostTimeoutException">Others went on measuring, or the figure did not come.</exception>
    public async Task<DirtyRateReading> MeasureAsync(TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(period.TotalSeconds), 1, LongestPeriod);
        period = TimeSpan.FromSeconds(seconds);
        var begin = time.GetTimestamp();
        while (time.GetElapsedTime(begin) < Timeout)
        {
            var other = await look(cancellationToken).ConfigureAwait(false);
            if (other.IsMeasuring)
            {
                var shared = await AwaitEndAsync(other, TimeSpan.Zero, begin, cancellationToken).ConfigureAwait(false);
                if (shared is not null && other.Period == period && other.Mode == mode)
                {
                    return shared.Reading ?? throw NothingToCompare();
                }

                await Task.Delay(Courtesy, time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var now = time.GetLocalNow();
            if (!await start(seconds, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            var own = (await look(cancellationToken).ConfigureAwait(false)) with { Period = period };
            if (await AwaitEndAsync(own, period, begin, cancellationToken).ConfigureAwait(false) is { } ended)
            {
                return ended.Reading is { } reading ? reading with { Start = now } : throw NothingToCompare();
            }
        }

        throw TimedOut(begin);
    }

    // The measurement as it ended; null where somebody began another one before that was seen.
    private async Task<DirtyRateStatus?> AwaitEndAsync(
        DirtyRateStatus measurement, TimeSpan notBefore, long begin, CancellationToken cancellationToken)
    {
        var wait = time.GetTimestamp();
        while (time.GetElapsedTime(wait) is var elapsed && elapsed < measurement.Period + Lateness)
        {
            await Task.Delay(PollInterval(notBefore - elapsed), time, cancellationToken).ConfigureAwait(false);
            var now = await look(cancellationToken).ConfigureAwait(false);
            if (!measurement.IsSeenIn(now))
            {
                return null;
            }

            if (now.HasEnded)
            {
                return now;
            }
        }

        throw TimedOut(begin);
    }

    // To the end where that is known; looking every now and then where it isn't.
    private static TimeSpan PollInterval(TimeSpan left) => left > LongestInterval ? LongestInterval : left > ShortestInterval ? left : ShortestInterval;

    private HypervisorException NothingToCompare() => new(RequestFailures.DirtyRateNotMeasurable,
        "QEMU compares one page of every 2 MiB, and the VM has no block of memory of that size.") { Host = address };

    private HostTimeoutException TimedOut(long begin) => new(address, time.GetElapsedTime(begin));
}

/// <summary>What a look at a VM's measurement of its dirty rate found. QEMU has one at a time, and knows the last one only.</summary>
internal sealed record DirtyRateStatus
{
    public bool IsMeasuring { get; init; }

    /// <summary>When it began, in seconds of a clock of the host's; null where that was not told.</summary>
    public long? Begin { get; init; }

    public TimeSpan Period { get; init; }

    public DirtyRateMode Mode { get; init; }

    public bool HasEnded { get; init; }

    /// <summary>What it measured; null before its end, and where there was nothing to be measured.</summary>
    public DirtyRateReading? Reading { get; init; }

    /// <summary>Whether a later look found this same measurement, as far as can be told, and not one that was begun after its end.</summary>
    /// <remarks>
    /// QEMU tells whole seconds, and tells the begin of the same measurement up to a second later when it has ended. The next one can't
    /// begin before a period is over.
    /// </remarks>
    public bool IsSeenIn(DirtyRateStatus later) =>
        Begin is not { } begin || later.Begin is not { } now || now - begin < Math.Max(2, Period.TotalSeconds);
}

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
