namespace VirtMigrate;

/// <summary>
/// A migration as the hosts tell it, whoever started it: <c>virsh domjobinfo</c>, for all VMs at once.
/// </summary>
public sealed record VmMigrationJobInfo : IVmReference
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that the VM leaves; null when only the host that it reached can be seen.</summary>
    public VmHost? Source { get; init; }

    /// <summary>The host that the VM goes to; null when the source alone is known, since libvirt does not tell it.</summary>
    public VmHost? Destination { get; init; }

    /// <summary>What became, or is becoming, of it.</summary>
    public required MigrationJobStatus Status { get; init; }

    /// <summary>Its phase.</summary>
    public MigrationPhase Phase { get; init; }

    /// <summary>How much is done, 0 to 100.</summary>
    public int PercentComplete { get; init; }

    /// <summary>Time since it began.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Bytes still to be moved.</summary>
    public long? Remaining { get; init; }

    /// <summary>Bytes moved so far.</summary>
    public long? Transferred { get; init; }

    /// <summary>Bytes per second at the moment, or over the whole of an ended job.</summary>
    public long? Rate { get; init; }

    /// <summary>The number of the iteration over the guest's memory.</summary>
    public long? Iteration { get; init; }

    /// <summary>The rate at which the guest dirties memory, in bytes per second.</summary>
    public long? DirtyRate { get; init; }

    /// <summary>The guest's downtime: expected while it runs, measured when it has ended.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>The downtime limit; null when it could not be asked without waiting.</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The time that is left if the guest goes on as it does; null where it would not end or can't be told.</summary>
    public TimeSpan? TimeLeft { get; init; }

    /// <summary>
    /// The downtime that sending at once what remained at the start of the present iteration would take, or what remains now, of a migration
    /// of another session. Null where it can't be told, and in post-copy.
    /// </summary>
    public TimeSpan? ImpliedDowntime { get; init; }

    /// <summary>Whether the migration would not end if the guest went on as it does.</summary>
    public bool IsEndless => Status == MigrationJobStatus.Running && Phase == MigrationPhase.Copying && TimeLeft is null && ImpliedDowntime is not null;

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>All that libvirt tells.</summary>
    public JobStatistics? Statistics { get; init; }

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => (Status == MigrationJobStatus.Completed ? Destination ?? Source : Source ?? Destination)
        ?? throw new InvalidOperationException("A migration job has been seen on at least one host.");

    /// <summary>The VM's name and what became of its migration.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Vm}: {Status}";
}

/// <summary>What became, or is becoming, of a migration job.</summary>
public enum MigrationJobStatus
{
    /// <summary>It is queued in this session.</summary>
    Queued,

    /// <summary>It is under way.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Completed,

    /// <summary>It ended and the VM stayed on the source.</summary>
    Failed,

    /// <summary>Post-copy broke and can be resumed.</summary>
    PostCopyPaused,

    /// <summary>The VM is busy in a way that hides the job for the moment.</summary>
    Unknown,
}
