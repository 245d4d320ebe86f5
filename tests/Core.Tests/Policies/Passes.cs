using VirtMigrate.Policies;

namespace VirtMigrate.Tests.Policies;

/// <summary>Plays a guest to a controller: pass after pass over its memory, at a given rate.</summary>
internal sealed class Passes(MigrationPolicy policy, PolicyConditions? conditions = null, int maxDowntime = 300)
{
    public const long MiB = 1024 * 1024;

    private const long Rate = 100 * MiB;
    private long _iteration;

    public PolicyController Controller { get; } =
        new(policy, conditions ?? new(CanPostCopy: false), TimeSpan.FromMilliseconds(maxDowntime));

    public TimeSpan Elapsed { get; private set; }

    public List<MigrationDecision> Decisions { get; } = [];

    /// <summary>The actions so far, one a decision.</summary>
    public IEnumerable<string> Actions => Decisions.Select(Describe);

    /// <summary>The actions that change something.</summary>
    public IEnumerable<string> Steps => Decisions.Where(d => d.Action != MigrationAction.Continue).Select(Describe);

    /// <summary>One pass begins, with so much to move; then the time passes that this takes.</summary>
    public Passes Begin(double remainingMiB, double? seconds = null)
    {
        _iteration++;
        var sample = new MigrationSample { Elapsed = Elapsed, Iteration = _iteration, Remaining = (long)(remainingMiB * MiB), Rate = Rate };
        Decisions.AddRange(Controller.DecideAt(sample));
        Controller.Observe(sample with { Remaining = 0 });
        Elapsed += TimeSpan.FromSeconds(seconds ?? (remainingMiB * MiB / Rate));
        return this;
    }

    /// <summary>Several passes with as much to move each.</summary>
    public Passes Repeat(int passes, double remainingMiB, double? seconds = null)
    {
        for (var i = 0; i < passes; i++)
        {
            Begin(remainingMiB, seconds);
        }

        return this;
    }

    /// <summary>Time passes without a new pass.</summary>
    public Passes Wait(double seconds)
    {
        Elapsed += TimeSpan.FromSeconds(seconds);
        if (Controller.Tick(Elapsed) is { } decision)
        {
            Decisions.Add(decision);
        }

        return this;
    }

    private static string Describe(MigrationDecision decision) =>
        (decision.Status == MigrationDecisionStatus.Skipped ? "-" : string.Empty) + (decision.Action switch
        {
            MigrationAction.Continue => "go on",
            MigrationAction.SetMaxDowntime => $"{decision.MaxDowntime!.Value.TotalMilliseconds:0}",
            _ => decision.Action.ToString(),
        });
}
