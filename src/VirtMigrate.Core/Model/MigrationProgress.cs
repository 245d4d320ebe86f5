using System.Globalization;

namespace VirtMigrate;

/// <summary>The state of a migration that is under way.</summary>
public sealed record MigrationProgress
{
    /// <summary>The VM that moves.</summary>
    public required string Vm { get; init; }

    /// <summary>Its phase.</summary>
    public required MigrationPhase Phase { get; init; }

    /// <summary>How much is done, 0 to 100. Never falls during one migration.</summary>
    public int PercentComplete { get; init; }

    /// <summary>Bytes still to be moved.</summary>
    public long? Remaining { get; init; }

    /// <summary>Bytes moved so far.</summary>
    public long? Transferred { get; init; }

    /// <summary>The rate of the move in bytes per second.</summary>
    public long? Rate { get; init; }

    /// <summary>The number of the iteration over the guest's memory.</summary>
    public long? Iteration { get; init; }

    /// <summary>The time that is left if the guest goes on as it does; null where it would not end, or can't be told.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>
    /// The downtime that sending at once what remained at the start of the present iteration would take; null where it can't be told, and
    /// in post-copy.
    /// </summary>
    public TimeSpan? ImpliedDowntime { get; init; }

    /// <summary>Whether the migration would not end if the guest went on as it does.</summary>
    public bool IsEndless => Phase == MigrationPhase.Copying && TimeLeft is null && ImpliedDowntime is not null;

    /// <summary>The decision that this report announces; null for any other report.</summary>
    public MigrationDecision? Decision { get; init; }

    /// <summary>Time since the migration began.</summary>
    public TimeSpan Elapsed { get; init; }
}

/// <summary>The phase of a migration.</summary>
public enum MigrationPhase
{
    /// <summary>It is queued.</summary>
    Queued,

    /// <summary>Both hosts are checked.</summary>
    Checking,

    /// <summary>The destination is being prepared.</summary>
    Preparing,

    /// <summary>Memory and disks move while the guest runs on the source.</summary>
    Copying,

    /// <summary>The guest runs on the destination and fetches the rest of its memory.</summary>
    PostCopy,

    /// <summary>It was asked to end and the source takes the guest back.</summary>
    Aborting,

    /// <summary>Both hosts are asked what became of the VM.</summary>
    Verifying,

    /// <summary>It has ended.</summary>
    Ended,
}

/// <summary>One decision over a migration, with the numbers that it was taken by.</summary>
public sealed record MigrationDecision
{
    /// <summary>Time since the migration began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The iteration at whose start it was taken; null when a time, not an iteration, led to it.</summary>
    public long? Iteration { get; init; }

    /// <summary>What was decided.</summary>
    public required MigrationAction Action { get; init; }

    /// <summary>What became of it.</summary>
    public MigrationDecisionStatus Status { get; init; }

    /// <summary>Why, with the numbers, as a person would say it.</summary>
    public required string Reason { get; init; }

    /// <summary>What libvirt said when it refused.</summary>
    public string? Error { get; init; }

    /// <summary>The downtime limit that was set.</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The downtime that the remaining data would take at the present rate.</summary>
    public TimeSpan? ImpliedDowntime { get; init; }

    /// <summary>Bytes still to be moved.</summary>
    public long? Remaining { get; init; }

    /// <summary>The smoothed rate of the move in bytes per second.</summary>
    public long? Rate { get; init; }

    /// <summary>The decision in one line: <c>12.4 s, iteration 5: SetMaxDowntime: 4 iterations > 3: allow 300 ms</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString()
    {
        var pass = Iteration is { } iteration ? string.Create(CultureInfo.InvariantCulture, $", iteration {iteration}") : string.Empty;
        var status = Status switch
        {
            MigrationDecisionStatus.Skipped => " (skipped)",
            MigrationDecisionStatus.Refused => $" (refused: {Error})",
            _ => string.Empty,
        };
        return string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds:0.0} s{pass}: {Action}{status}: {Reason}");
    }
}

/// <summary>What a policy, a timeout or a parameter decides over a migration.</summary>
public enum MigrationAction
{
    /// <summary>It goes on as it is.</summary>
    Continue,

    /// <summary>An option of the migration is switched on before it begins.</summary>
    SetOption,

    /// <summary>The guest may be stopped for longer at the switchover (virDomainMigrateSetMaxDowntime).</summary>
    SetMaxDowntime,

    /// <summary>The guest goes on at the destination at once and fetches the rest of its memory (virDomainMigrateStartPostCopy).</summary>
    PostCopy,

    /// <summary>The guest is suspended until all of its memory has moved, and goes on at the destination (virDomainSuspend).</summary>
    Suspend,

    /// <summary>The migration is aborted; the guest goes on at the source (virDomainAbortJob).</summary>
    Abort,
}

/// <summary>What became of a decision.</summary>
public enum MigrationDecisionStatus
{
    /// <summary>It was carried out.</summary>
    Done,

    /// <summary>It was left out on purpose: a parameter stands against it, or it is not possible any more.</summary>
    Skipped,

    /// <summary>Libvirt refused it. The migration goes on.</summary>
    Refused,
}
