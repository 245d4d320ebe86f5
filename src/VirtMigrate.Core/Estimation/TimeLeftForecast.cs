using VirtMigrate.Options;
using VirtMigrate.Policies;

namespace VirtMigrate.Estimation;

/// <summary>
/// The time that is left of a migration that runs, and the downtime that its switchover would cost now: <see cref="PrecopyModel"/>, fed with
/// what the migration itself has shown so far. It has neither a clock nor a host.
/// </summary>
internal sealed class TimeLeftForecast(DirtyMemoryCurve? measured = null, long? residentMemory = null)
{
    private const double Weight = 0.4;

    // Of a guest that dirties nearly as fast as memory moves, noise must not decide whether the migration converges.
    private const double Margin = 1.05;

    // Single readings of both rates are rougher.
    private const double SingleMargin = 1.1;

    // So near the allowed downtime iterations are short, and what each of them leaves over is most of what the next one has to send.
    private const double NearEnd = 1.5;

    private readonly RateAverage _rate = new(Weight);
    private readonly IterationHistory _iterations = new();
    private readonly IterationPoints _points = new();
    private double _correction = 1;

    /// <summary>The time that is left; null where it would not end, or nothing is known yet.</summary>
    public TimeSpan? TimeLeft { get; private set; }

    /// <summary>
    /// The downtime that sending at once what remained at the start of the present iteration would take; null while the rate is not known,
    /// and once the guest runs at the destination.
    /// </summary>
    public TimeSpan? ImpliedDowntime { get; private set; }

    /// <summary>Forecasts from one set of statistics, where nothing was seen of the migration before.</summary>
    public static TimeLeftForecast Of(JobStatistics statistics, MigrationPhase phase, TimeSpan? maxDowntime, bool isStopped = false)
    {
        var timeLeft = new TimeLeftForecast();
        timeLeft.Update(statistics, phase, maxDowntime, isStopped);
        return timeLeft;
    }

    /// <summary>Takes newer statistics into account.</summary>
    public void Update(JobStatistics statistics, MigrationPhase phase, TimeSpan? maxDowntime, bool isStopped = false)
    {
        (TimeLeft, ImpliedDowntime) = (null, null);
        if (statistics.IsCompleted || statistics.DataTotal <= 0)
        {
            return;
        }

        if (statistics.Iteration is not > 0)
        {
            // Disks are copied before memory.
            TimeLeft = statistics.Rate is { } pace ? Seconds(statistics.DataRemaining / (double)pace) : null;
            return;
        }

        var limit = maxDowntime ?? MigrationLimits.UsualMaxDowntime;
        var guestTime = 1 - ((statistics.AutoConvergeThrottle ?? 0) / 100.0);
        _rate.Add(statistics.MemoryRate ?? (statistics.Iteration > 1 ? statistics.Rate : null));
        if (_iterations.Update(statistics, _rate.BytesPerSecond, limit) is var (period, bytes))
        {
            Learn(period.TotalSeconds * guestTime, bytes);
        }

        if (_rate.BytesPerSecond is not { } rate || phase is not (MigrationPhase.Copying or MigrationPhase.PostCopy))
        {
            return;
        }

        var left = Left(statistics) / rate;
        var start = statistics.Iteration > 1 ? _iterations.Remaining : Math.Min(_iterations.Remaining, residentMemory ?? long.MaxValue);
        ImpliedDowntime = phase == MigrationPhase.PostCopy ? null : _rate.TimeFor(start);
        var isLast = statistics.Iteration > 1 && ImpliedDowntime <= limit;
        TimeLeft = phase == MigrationPhase.PostCopy || isStopped || isLast
            ? Seconds(left)
            : Ahead(statistics, new() { Memory = 0, Bandwidth = rate, MaxDowntime = limit.TotalSeconds, Throttle = 1 - guestTime }, left);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, 1e9));

    // The first iteration goes over all memory, but pages of zeroes cost nothing.
    private double Left(JobStatistics statistics)
    {
        var remaining = statistics.MemoryRemaining ?? statistics.DataRemaining;
        var processed = statistics.MemoryProcessed ?? statistics.DataProcessed;
        return statistics.Iteration > 1 || residentMemory is not { } resident ? remaining : Math.Clamp(resident - processed, 0, remaining);
    }

    private void Learn(double seconds, long bytes)
    {
        _points.Add(seconds, bytes);
        if (measured?.Expected(seconds) is > 0 and { } expected)
        {
            _correction = (Weight * bytes / expected) + ((1 - Weight) * _correction);
        }
    }

    // What is left of the present iteration, and then what the guest dirties in all of it.
    private TimeSpan? Ahead(JobStatistics statistics, PrecopyCase migration, double left)
    {
        var inIteration = _iterations.ElapsedIn(statistics).TotalSeconds;
        var toSend = Math.Max(0, left - migration.MaxDowntime);
        var curves = Curves(statistics).ToArray();
        if (curves.Length == 0)
        {
            return Seconds(left);
        }

        var isStalled = _iterations.IsStalled && ImpliedDowntime?.TotalSeconds > NearEnd * migration.MaxDowntime;
        foreach (var (dirtied, margin) in isStalled ? [] : curves)
        {
            if (Run(margin).Moves)
            {
                return Seconds(left + Run(1).Seconds);
            }

            PrecopyResult Run(double factor)
            {
                var next = factor * dirtied((inIteration + toSend) * (1 - migration.Throttle));
                return PrecopyModel.Run(migration with { Memory = next }, s => factor * dirtied(s));
            }
        }

        return null;
    }

    // The most likely curve first, then the one of a guest that writes as little as all that is known allows, to be trusted with a margin.
    private IEnumerable<(Func<double, double> Dirtied, double Margin)> Curves(JobStatistics statistics)
    {
        var memory = (double)(statistics.MemoryTotal ?? statistics.DataTotal);
        if (measured is not null)
        {
            return [(s => _correction * measured.Expected(s), 1), (s => _correction * measured.Optimistic(s), Margin)];
        }

        if (!_points.IsEmpty)
        {
            var shown = _points.ToCurve(memory);
            return [(shown.Expected, 1), (shown.Optimistic, Margin)];
        }

        // Distinct pages, by QEMU's count over its last second or longer: a straight line through one point.
        return statistics.DirtyRate is > 0 and { } rate ? [(s => Math.Min(memory, rate * s), SingleMargin)] : [];
    }
}
