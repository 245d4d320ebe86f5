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
