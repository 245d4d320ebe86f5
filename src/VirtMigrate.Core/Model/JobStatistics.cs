namespace VirtMigrate;

/// <summary>
/// What libvirt tells of one job of a VM (virDomainGetJobStats), as <c>virsh domjobinfo</c> prints it.
/// Sizes are bytes, rates bytes per second. What libvirt left out is null.
/// </summary>
public sealed record JobStatistics
{
    /// <summary>What the job does.</summary>
    public JobOperation Operation { get; init; }

    /// <summary>Whether the job had ended when this was read.</summary>
    public bool IsCompleted { get; init; }

    /// <summary>Whether the job had ended without success when this was read.</summary>
    public bool IsFailed { get; init; }

    /// <summary>For an ended job whether it succeeded, where libvirt says so (6.0 and later).</summary>
    public bool? Success { get; init; }

    /// <summary>Why an ended job failed.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Time since the job began.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The guest's downtime: expected while the job runs, measured when it has ended.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>The downtime without the time that passed on the network between the hosts' clocks' readings.</summary>
    public TimeSpan? DowntimeNet { get; init; }

    /// <summary>Time that QEMU spent on setting the migration up.</summary>
    public TimeSpan? SetupTime { get; init; }

    /// <summary>All data of the job: memory and copied disks.</summary>
    public long DataTotal { get; init; }

    /// <summary>Data moved so far; a page that is sent again counts each time.</summary>
    public long DataProcessed { get; init; }

    /// <summary>Data still to be moved.</summary>
    public long DataRemaining { get; init; }

    /// <summary>All of the guest's memory.</summary>
    public long? MemoryTotal { get; init; }

    /// <summary>Memory moved so far.</summary>
    public long? MemoryProcessed { get; init; }

    /// <summary>Memory still to be moved.</summary>
    public long? MemoryRemaining { get; init; }

    /// <summary>The rate at which memory moves.</summary>
    public long? MemoryRate { get; init; }

    /// <summary>Pages that the guest writes for the first time since the last iteration, per second.</summary>
    public long? DirtyPagesPerSecond { get; init; }

    /// <summary>The guest's page size.</summary>
    public long? PageSize { get; init; }

    /// <summary>The number of the iteration over the guest's memory.</summary>
    public long? Iteration { get; init; }

    /// <summary>Pages that the destination asked for in post-copy.</summary>
    public long? PostCopyRequests { get; init; }

    /// <summary>Copied disks: all.</summary>
    public long? DiskTotal { get; init; }

    /// <summary>Copied disks: moved so far.</summary>
    public long? DiskProcessed { get; init; }

    /// <summary>Copied disks: still to be moved.</summary>
    public long? DiskRemaining { get; init; }

    /// <summary>Auto-converge: the share of its processor time that is kept from the guest, in percent.</summary>
    public int? AutoConvergeThrottle { get; init; }

    /// <summary>Whether this is a migration, out or in.</summary>
    public bool IsMigration => Operation is JobOperation.MigrationOut or JobOperation.MigrationIn;

    /// <summary>The rate of the move in bytes per second, as libvirt measures it or else on average; null before anything has moved.</summary>
    internal long? Rate
    {
        get
        {
            if (MemoryRate > 0 && !IsCompleted)
            {
                return MemoryRate;
            }

            var seconds = (Elapsed - (SetupTime ?? TimeSpan.Zero)).TotalSeconds;
            return DataProcessed > 0 && seconds > 0 ? (long)(DataProcessed / seconds) : null;
        }
    }

    /// <summary>The rate in bytes per second at which the guest dirties memory; null where libvirt does not say.</summary>
    internal long? DirtyRate => DirtyPagesPerSecond * (PageSize ?? 4096);
}

/// <summary>What a libvirt job does (virDomainJobOperation), with libvirt's numbers.</summary>
public enum JobOperation
{
    /// <summary>Libvirt does not say.</summary>
    Unknown = 0,

    /// <summary>A VM is being started.</summary>
    Start = 1,

    /// <summary>A VM's state is being saved.</summary>
    Save = 2,

    /// <summary>A VM is being restored.</summary>
    Restore = 3,

    /// <summary>A VM arrives from another host.</summary>
    MigrationIn = 4,

    /// <summary>A VM leaves for another host.</summary>
    MigrationOut = 5,

    /// <summary>A snapshot is being made.</summary>
    Snapshot = 6,

    /// <summary>A VM is being put back to a snapshot.</summary>
    SnapshotRevert = 7,

    /// <summary>A VM's memory is being dumped.</summary>
    Dump = 8,

    /// <summary>A backup is being made.</summary>
    Backup = 9,

    /// <summary>A snapshot is being deleted.</summary>
    SnapshotDelete = 10,
}
