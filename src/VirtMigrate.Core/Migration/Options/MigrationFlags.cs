namespace VirtMigrate.Migration.Options;

/// <summary>Libvirt's migration flags (virDomainMigrateFlags) with libvirt's values.</summary>
[Flags]
public enum MigrationFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>The guest keeps running while it moves.</summary>
    Live = 1 << 0,

    /// <summary>The source's daemon runs the migration, not the client.</summary>
    PeerToPeer = 1 << 1,

    /// <summary>The destination keeps a definition.</summary>
    PersistDestination = 1 << 3,

    /// <summary>The source drops its definition.</summary>
    UndefineSource = 1 << 4,

    /// <summary>Only the definition of a VM that is shut off moves.</summary>
    Offline = 1 << 10,

    /// <summary>Memory moves over several connections.</summary>
    Parallel = 1 << 17,
}
