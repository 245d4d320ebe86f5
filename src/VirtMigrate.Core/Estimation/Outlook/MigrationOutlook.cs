using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>
/// What is ahead of a migration that runs: the time that it still takes, and the standstill that its switch-over would cost now. The model
/// of estimates, fed with what the migration itself has shown so far. It has neither a clock nor a host.
/// </summary>
/// <param name="measured">The guest's curve of dirtied memory, measured before; null where it was not.</param>
/// <param name="residentMemory">The memory in bytes that is not all zeroes; null where it is not known.</param>
public sealed class MigrationOutlook(DirtyMemoryCurve? measured = null, long? residentMemory = null)
{
    private const double Weight = 0.4;

    // Of a guest that dirties nearly as fast as memory moves, noise must not decide whether it is ever caught up with.
    private const double Margin = 1.05;

    // Single readings of both rates are rougher.
    private const double SingleMargin = 1.1;

    // So near the allowed standstill passes are short, and what each of them leaves over is most of what the next one has to send.
    private const double NearEnd = 1.5;

    private readonly RateAverage _rate = new(Weight);
    private readonly PassHistory _passes = new();
    private readonly PassPoints _points = new();
    private double _correction = 1;

    /// <summary>The time that is left; null where it would not end, or nothing is known yet.</summary>
    public TimeSpan? TimeLeft { get; private set; }

    /// <summary>
    /// The standstill that sending at once what remained at the begin of the present pass would take; null while the rate is not known,
    /// and once the guest runs at the destination.
    /// </summary>
    public TimeSpan? ImpliedDowntime { get; private set; }

    /// <summary>Looks ahead from a single account, where nothing was seen of the migration before.</summary>
    /// <param name="account">The account.</param>
    /// <param name="phase">Where the migration is on its way.</param>
    /// <param name="maxDowntime">The standstill that is allowed; null where it is not known.</param>
    /// <param name="isStopped">Whether the guest stands still.</param>
    /// <returns>The outlook.</returns>
    public static MigrationOutlook Of(JobStatistics account, MigrationPhase phase, TimeSpan? maxDowntime, bool isStopped = false)
    {
        var outlook = new MigrationOutlook();
        outlook.Take(account, phase, maxDowntime, isStopped);
        return outlook;
    }

    /// <summary>Takes an account in.</summary>
    /// <param name="account">The account.</param>
    /// <param name="phase">Where the migration is on its way.</param>
    /// <param name="maxDowntime">The standstill that is allowed; null where it is not known.</param>
    /// <param name="isStopped">Whether the guest stands still, so that it dirties nothing any more.</param>
    public void Take(JobStatistics account, MigrationPhase phase, TimeSpan? maxDowntime, bool isStopped = false)
    {
        ArgumentNullException.ThrowIfNull(account);
        (TimeLeft, ImpliedDowntime) = (null, null);
        if (account.IsCompleted || account.DataTotal <= 0)
        {
            return;
        }

        if (account.Iteration is not > 0)
        {
            // Disks are copied before memory.
            TimeLeft = ProgressTracker.Rate(account) is { } pace ? Seconds(account.DataRemaining / (double)pace) : null;
            return;
        }

        var limit = maxDowntime ?? MigrationLimits.UsualMaxDowntime;
        var guestTime = 1 - ((account.AutoConvergeThrottle ?? 0) / 100.0);
        _rate.Add(account.MemoryRate ?? (account.Iteration > 1 ? ProgressTracker.Rate(account) : null));
        if (_passes.Take(account, _rate.BytesPerSecond, limit) is var (period, bytes))
        {
            Learn(period.TotalSeconds * guestTime, bytes);
        }

        if (_rate.BytesPerSecond is not { } rate || phase is not (MigrationPhase.Copying or MigrationPhase.PostCopy))
        {
            return;
        }

        var left = Left(account) / rate;
        var begin = account.Iteration > 1 ? _passes.Remaining : Math.Min(_passes.Remaining, residentMemory ?? long.MaxValue);
        ImpliedDowntime = phase == MigrationPhase.PostCopy ? null : _rate.TimeFor(begin);
        var isLast = account.Iteration > 1 && ImpliedDowntime <= limit;
        TimeLeft = phase == MigrationPhase.PostCopy || isStopped || isLast
            ? Seconds(left)
            : Ahead(account, new() { Memory = 0, Bandwidth = rate, MaxDowntime = limit.TotalSeconds, Throttle = 1 - guestTime }, left);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(Math.Min(seconds, 1e9));

    // The first pass goes over all memory, but pages of zeroes cost nothing.
    private double Left(JobStatistics account)
    {
        var remaining = account.MemoryRemaining ?? account.DataRemaining;
        var processed = account.MemoryProcessed ?? account.DataProcessed;
        return account.Iteration > 1 || residentMemory is not { } resident ? remaining : Math.Clamp(resident - processed, 0, remaining);
    }

    private void Learn(double seconds, long bytes)
    {
        _points.Add(seconds, bytes);
        if (measured?.Expected(seconds) is > 0 and { } expected)
        {
            _correction = (Weight * bytes / expected) + ((1 - Weight) * _correction);
        }
    }

    // What is left of the present pass, and then what the guest dirties in all of it.
    private TimeSpan? Ahead(JobStatistics account, PrecopyCase migration, double left)
    {
        var inPass = _passes.InPass(account).TotalSeconds;
        var toSend = Math.Max(0, left - migration.MaxDowntime);
        var curves = Curves(account).ToArray();
        if (curves.Length == 0)
        {
            return Seconds(left);
        }

        var isStalled = _passes.IsStalled && ImpliedDowntime?.TotalSeconds > NearEnd * migration.MaxDowntime;
        foreach (var (dirtied, margin) in isStalled ? [] : curves)
        {
            if (Run(margin).Moves)
            {
                return Seconds(left + Run(1).Seconds);
            }

            PrecopyResult Run(double factor)
            {
                var next = factor * dirtied((inPass + toSend) * (1 - migration.Throttle));
                return PrecopyModel.Run(migration with { Memory = next }, s => factor * dirtied(s));
            }
        }

        return null;
    }

    // The most likely curve first, then the one of a guest that writes as little as all that is known allows, to be trusted with a margin.
    private IEnumerable<(Func<double, double> Dirtied, double Margin)> Curves(JobStatistics account)
    {
        var memory = (double)(account.MemoryTotal ?? account.DataTotal);
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
        return ProgressTracker.DirtyRate(account) is > 0 and { } rate ? [(s => Math.Min(memory, rate * s), SingleMargin)] : [];
    }
}
