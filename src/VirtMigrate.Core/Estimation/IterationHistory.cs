namespace VirtMigrate.Estimation;

/// <summary>Follows the iterations of a migration by its job statistics, and tells what the guest dirtied in each of them.</summary>
/// <remarks>
/// QEMU starts an iteration when what remains of the present one, R, fits into the downtime limit L at the bandwidth B. With R(i) at the start
/// of iteration i and S(i) sent in it: dirtied(i) = R(i+1) - min(R(i) - S(i), B L).
/// </remarks>
internal sealed class IterationHistory
{
    // Of dirtied / sent, from where on the iterations get no shorter: noise must not decide it.
    private const double StalledShare = 0.95;

    private TimeSpan? _start;
    private long _processed;
    private (double Dirtied, double Sent)? _last;
    private (double Dirtied, double Sent)? _lastButOne;

    /// <summary>The number of the present iteration; 0 before the first.</summary>
    public long Iteration { get; private set; }

    /// <summary>What remained at the start of the present iteration, by the first statistics of it.</summary>
    public long Remaining { get; private set; }

    /// <summary>Whether the guest dirtied as much in the last two iterations as they sent, the first one aside, so that nothing was gained.</summary>
    public bool IsStalled => _last is { } last && _lastButOne is { } other && last.Dirtied + other.Dirtied >= StalledShare * (last.Sent + other.Sent);

    /// <summary>Takes newer statistics in. Gives the duration of the iteration that has ended and what was dirtied in it; null where none has, or its start was not seen.</summary>
    public (TimeSpan Period, long Bytes)? Update(JobStatistics statistics, double? rate, TimeSpan maxDowntime)
    {
        if (statistics.Iteration is not { } iteration || iteration <= Iteration)
        {
            return null;
        }

        var (remaining, processed) = (statistics.MemoryRemaining ?? statistics.DataRemaining, statistics.MemoryProcessed ?? statistics.DataProcessed);
        (TimeSpan, long)? seen = null;
        if (_start is { } start && statistics.Elapsed > start)
        {
            // Where iterations were too short to be seen one by one, their mean counts. The first iteration sends pages of zeroes
            // as next to nothing, so that what was sent says little of what was left over.
            var iterations = iteration - Iteration;
            var sent = processed - _processed;
            var left = Math.Min(Remaining - sent, (rate ?? 0) * maxDowntime.TotalSeconds);
            var dirtied = Math.Max(0, remaining - left);
            (_lastButOne, _last) = (_last, Iteration > 1 ? (dirtied, sent) : null);
            seen = ((statistics.Elapsed - start) / iterations, (long)(dirtied / iterations));
        }

        _start = Start(statistics, iteration, processed, rate);
        (Iteration, Remaining, _processed) = (iteration, remaining, processed);
        return seen;
    }

    /// <summary>The time since the present iteration started; zero where its start was not seen.</summary>
    public TimeSpan ElapsedIn(JobStatistics statistics) => _start is { } start && statistics.Elapsed > start ? statistics.Elapsed - start : TimeSpan.Zero;

    // The first statistics may come late: in the first iteration what has been sent tells how late, in a later one nothing does.
    private TimeSpan? Start(JobStatistics statistics, long iteration, long processed, double? rate)
    {
        if (Iteration > 0)
        {
            return statistics.Elapsed;
        }

        return iteration > 1 ? null : statistics.Elapsed - TimeSpan.FromSeconds(Math.Min(rate > 0 ? processed / rate.Value : 0, statistics.Elapsed.TotalSeconds));
    }
}

/// <summary>
/// What the iterations of a migration showed of W(t), the memory that the guest dirties within a time t. Iterations of about the same
/// length are smoothed into one point, and what a newer iteration showed goes before what older ones did.
/// </summary>
internal sealed class IterationPoints
{
    private const double Weight = 0.4;

    // Two points for each doubling of the time.
    private const double PointsPerOctave = 2;
    private const double ShortestSeconds = 1e-3;

    private readonly SortedList<int, (double Seconds, double Bytes)> _points = [];

    /// <summary>Whether no iteration has ended yet.</summary>
    public bool IsEmpty => _points.Count == 0;

    /// <summary>Adds an iteration: its duration, and the distinct memory that the guest dirtied in it.</summary>
    public void Add(double seconds, double bytes)
    {
        seconds = Math.Max(seconds, ShortestSeconds);
        var key = (int)Math.Floor(PointsPerOctave * Math.Log2(seconds));
        if (_points.TryGetValue(key, out var known))
        {
            (seconds, bytes) = (Smooth(known.Seconds, seconds), Smooth(known.Bytes, bytes));
        }

        _points[key] = (seconds, bytes);

        // In a longer time a guest dirties as much at least, and in proportion at most. Older points give way.
        foreach (var other in _points.Keys.ToArray())
        {
            var point = _points[other];
            var proportion = bytes * point.Seconds / seconds;
            _points[other] = (point.Seconds, Math.Clamp(point.Bytes, Math.Min(bytes, proportion), Math.Max(bytes, proportion)));
        }
    }

    /// <summary>The curve through the points.</summary>
    public DirtyMemoryCurve ToCurve(double memory) => DirtyMemoryCurve.Through(
        _points.Values.Select(p => new DirtyMemoryPoint(TimeSpan.FromSeconds(p.Seconds), (long)p.Bytes)), memory);

    private static double Smooth(double known, double newest) => (Weight * newest) + ((1 - Weight) * known);
}
