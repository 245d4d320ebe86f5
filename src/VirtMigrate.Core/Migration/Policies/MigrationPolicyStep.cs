using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// One step of a schedule. Its steps are taken in order, at most one at the begin of each pass over the guest's memory.
/// </summary>
public sealed record MigrationPolicyStep
{
    /// <summary>
    /// The step is taken when more passes than this have ended without the switch-over (oVirt's stalling limit); null for the
    /// pass that follows the step before.
    /// </summary>
    public int? AfterIterations { get; init; }

    /// <summary>What is done: SetMaxDowntime, PostCopy, Suspend or Abort.</summary>
    public required MigrationAction Action { get; init; }

    /// <summary>The standstill that SetMaxDowntime allows.</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The step in words: <c>more than 3 passes: 300 ms</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Condition}: {Effect}";

    /// <summary>When it is taken, in words.</summary>
    internal string Condition => AfterIterations is { } limit
        ? $"more than {PolicyWording.Count(limit, "pass", "passes")}"
        : "the next pass";

    /// <summary>What it does, in words.</summary>
    internal string Effect => Action switch
    {
        MigrationAction.SetMaxDowntime => PolicyWording.Milliseconds(MaxDowntime ?? TimeSpan.Zero),
        MigrationAction.PostCopy => "post-copy",
        MigrationAction.Suspend => "suspend",
        _ => "give up",
    };
}
