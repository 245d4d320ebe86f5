using VirtMigrate.Options;

namespace VirtMigrate.Estimation;

/// <summary>Models a pre-copy migration, iteration by iteration. A pure function.</summary>
/// <remarks>
/// <code>
/// V(1)   = resident memory                   bytes of iteration 1
/// t(i)   = V(i) / B                          its duration at the bandwidth B
/// V(i+1) = W((1 - throttle) t(i))            what the guest dirtied meanwhile
/// switchover in the first iteration i with V(i) ≤ L B, L: the downtime limit
/// T = Σ t(i), downtime = V(n) / B
/// </code>
/// W(t) is the distinct memory that the guest dirties within a time t. It never falls and is concave, so that V falls until it is small
/// enough, or converges to a V > L B: then a step, a timeout or post-copy has to end it. The iteration is QEMU's (migration_iteration_run,
/// migration/migration.c); the model is that of C. Clark et al., Live Migration of Virtual Machines, NSDI 2005.
/// </remarks>
internal static class PrecopyModel
{
    private const double PageBytes = 4096;

    // What QEMU sends with each page: its address and flags (ram_save_page_header).
    private const double HeaderBytes = 8;

    // V falls by less than this share of itself: it would take too long.
    private const double LeastGain = 1e-3;
    private const int MostIterations = 10_000;

    /// <summary>Models a migration.</summary>
    public static PrecopyResult Run(PrecopyCase migration, Func<double, double> dirtied)
    {
        var throttling = new AutoConvergeModel(migration.AutoConvergeInitial, migration.AutoConvergeIncrement);
        var (bandwidth, limit, step) = (migration.Bandwidth, migration.MaxDowntime, 0);
        var left = OnTheWire(migration.Memory) + (migration.ZeroMemory / PageBytes * HeaderBytes);
        var (time, sent) = (0.0, 0.0);
        for (var iteration = 1; ; iteration++)
        {
            if (left <= limit * bandwidth)
            {
                return new(PrecopyEnd.Switchover, time + (left / bandwidth), sent + left, iteration, left / bandwidth) { Limit = limit };
            }

            var seconds = left / bandwidth;
            if (time + seconds > migration.Timeout)
            {
                var until = migration.Timeout.Value - time;
                return Rest(EndOf(migration.OnTimeout), bandwidth, migration.Timeout.Value, sent + (until * bandwidth), iteration,
                    left - (until * bandwidth) + Dirtied(until));
            }

            var next = Dirtied(seconds);
            throttling.Add(seconds, left, next);
            (time, sent) = (time + seconds, sent + left);
            if (iteration == 1 && migration.PostCopyAfterPrecopy)
            {
                return Rest(PrecopyEnd.PostCopy, bandwidth, time, sent, iteration, next);
            }

            if (step < migration.Steps.Count && !(migration.Steps[step].AfterIterations >= iteration))
            {
                var taken = migration.Steps[step++];
                limit = taken.MaxDowntime?.TotalSeconds ?? limit;
                if (taken.Action != MigrationAction.SetMaxDowntime && next > limit * bandwidth)
                {
                    return Rest(EndOf(taken.Action), bandwidth, time, sent, iteration, next);
                }
            }

            var goesOn = step < migration.Steps.Count || migration.Timeout is not null || (migration.AutoConverge && throttling.CanRise);
            if (next > limit * bandwidth && ((!goesOn && left - next < LeastGain * left) || iteration == MostIterations))
            {
                return new(PrecopyEnd.Never, time, sent, iteration, 0);
            }

            left = next;
        }

        double Dirtied(double seconds) =>
            OnTheWire(dirtied(seconds * (1 - Math.Max(migration.Throttle, migration.AutoConverge ? throttling.Throttle : 0))));
    }

    private static double OnTheWire(double memory) => memory * (1 + (HeaderBytes / PageBytes));

    private static PrecopyEnd EndOf(TimeoutAction action) => action switch
    {
        TimeoutAction.PostCopy => PrecopyEnd.PostCopy,
        TimeoutAction.Suspend => PrecopyEnd.Suspended,
        _ => PrecopyEnd.Aborted,
    };

    private static PrecopyEnd EndOf(MigrationAction action) => action switch
    {
        MigrationAction.PostCopy => PrecopyEnd.PostCopy,
        MigrationAction.Suspend => PrecopyEnd.Suspended,
        _ => PrecopyEnd.Aborted,
    };

    // What remains is sent once, undisturbed; after an abort not at all.
    private static PrecopyResult Rest(PrecopyEnd end, double bandwidth, double time, double sent, int iterations, double left) =>
        end == PrecopyEnd.Aborted
            ? new(end, time, sent, iterations, 0)
            : new(end, time + (left / bandwidth), sent + left, iterations + 1, end == PrecopyEnd.Suspended ? left / bandwidth : 0);
}

/// <summary>A pre-copy migration to be modelled. Sizes are bytes, rates bytes per second, times seconds, shares 0 to 1.</summary>
internal sealed record PrecopyCase
{
    /// <summary>The memory that has to be sent at first: all that is not zero, or what is left of a migration under way.</summary>
    public required double Memory { get; init; }

    /// <summary>Memory that is all zeroes: of each page only a header crosses, once.</summary>
    public double ZeroMemory { get; init; }

    /// <summary>The rate at which memory crosses.</summary>
    public required double Bandwidth { get; init; }

    /// <summary>The longest downtime that is allowed at first.</summary>
    public double MaxDowntime { get; init; } = MigrationLimits.UsualMaxDowntime.TotalSeconds;

    /// <summary>The share of its processor time that is kept from the guest from the start.</summary>
    public double Throttle { get; init; }

    /// <summary>Whether auto-converge may throttle the guest.</summary>
    public bool AutoConverge { get; init; }

    /// <summary>Auto-converge: the first share.</summary>
    public double AutoConvergeInitial { get; init; } = 0.2;

    /// <summary>Auto-converge: what is added each time.</summary>
    public double AutoConvergeIncrement { get; init; } = 0.1;

    /// <summary>Whether it switches to post-copy after the first iteration.</summary>
    public bool PostCopyAfterPrecopy { get; init; }

    /// <summary>The time after which <see cref="OnTimeout"/> happens; null for none.</summary>
    public double? Timeout { get; init; }

    /// <summary>What happens then.</summary>
    public TimeoutAction OnTimeout { get; init; }

    /// <summary>What a policy does after how many iterations.</summary>
    public IReadOnlyList<MigrationPolicyStep> Steps { get; init; } = [];
}

/// <summary>How the iterations end.</summary>
internal enum PrecopyEnd
{
    /// <summary>Never: the iterations get no shorter.</summary>
    Never,

    /// <summary>What remains fits into the allowed downtime.</summary>
    Switchover,

    /// <summary>The guest moves over at once and fetches what is left.</summary>
    PostCopy,

    /// <summary>The guest is stopped, so that what is left can move.</summary>
    Suspended,

    /// <summary>The migration is aborted.</summary>
    Aborted,
}

/// <summary>How a pre-copy migration goes by the model.</summary>
/// <param name="End">How it ends.</param>
/// <param name="Seconds">The time until all memory has moved, until it is aborted, or until it is clear that it never ends.</param>
/// <param name="Bytes">What crosses until then.</param>
/// <param name="Iterations">How many iterations it takes.</param>
/// <param name="Downtime">The time in seconds that the last iteration takes while the guest is stopped; 0 in post-copy.</param>
internal readonly record struct PrecopyResult(PrecopyEnd End, double Seconds, double Bytes, int Iterations, double Downtime)
{
    /// <summary>The longest downtime that was allowed in the end, in seconds.</summary>
    public double Limit { get; init; }

    /// <summary>Whether the guest reaches the destination.</summary>
    public bool Moves => End is PrecopyEnd.Switchover or PrecopyEnd.PostCopy or PrecopyEnd.Suspended;
}

/// <summary>
/// QEMU's auto-converge (migration_trigger_throttle): in every second period of at least 1 s with dirtied > 0.5 sent, the throttle rises from 0
/// to the initial share, and from there by the increment, to 0.99 at most.
/// </summary>
internal sealed class AutoConvergeModel(double initial, double increment)
{
    private const double Most = 0.99;
    private const double Tolerated = 0.5;
    private const double ShortestPeriod = 1;

    private double _seconds;
    private double _sent;
    private double _dirtied;
    private bool _isSecond;

    /// <summary>The share that is kept from the guest at present.</summary>
    public double Throttle { get; private set; }

    /// <summary>Whether it can still get more.</summary>
    public bool CanRise => Throttle < Most;

    /// <summary>Adds an iteration.</summary>
    public void Add(double seconds, double sent, double dirtied)
    {
        (_seconds, _sent, _dirtied) = (_seconds + seconds, _sent + sent, _dirtied + dirtied);
        if (_seconds < ShortestPeriod)
        {
            return;
        }

        if (_dirtied > Tolerated * _sent)
        {
            if (_isSecond)
            {
                Throttle = Throttle > 0 ? Math.Min(Most, Throttle + increment) : Math.Min(Most, initial);
            }

            _isSecond = !_isSecond;
        }

        (_seconds, _sent, _dirtied) = (0, 0, 0);
    }
}
