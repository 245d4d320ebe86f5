namespace VirtMigrate.Migration;

/// <summary>What to change about a migration while it runs. What is null or false stays as it is.</summary>
internal sealed record MigrationJobChange
{
    /// <summary>The longest downtime of the guest (virDomainMigrateSetMaxDowntime).</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The highest rate in bytes per second (virDomainMigrateSetMaxSpeed).</summary>
    public long? Bandwidth { get; init; }

    /// <summary>The highest rate in post-copy in bytes per second (VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY).</summary>
    public long? PostCopyBandwidth { get; init; }

    /// <summary>The size of XBZRLE's cache in bytes (virDomainMigrateSetCompressionCache).</summary>
    public long? CompressionCache { get; init; }

    /// <summary>
    /// Whether to suspend the guest, so that it dirties no memory any more and the migration comes to its end (virDomainSuspend).
    /// The guest runs again where the migration leaves it: on the destination, or after an abort on the source.
    /// </summary>
    public bool SuspendGuest { get; init; }

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsEmpty => this == new MigrationJobChange();
}
