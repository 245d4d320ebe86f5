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
