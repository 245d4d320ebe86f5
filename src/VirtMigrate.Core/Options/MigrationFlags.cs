namespace VirtMigrate.Options;

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

    /// <summary>All data goes through the connection between the two daemons.</summary>
    Tunnelled = 1 << 2,

    /// <summary>The destination keeps a definition.</summary>
    PersistDestination = 1 << 3,

    /// <summary>The source drops its definition.</summary>
    UndefineSource = 1 << 4,

    /// <summary>The guest is paused when it has arrived.</summary>
    Paused = 1 << 5,

    /// <summary>Disks that are not shared are copied whole.</summary>
    NonSharedDisk = 1 << 6,

    /// <summary>Of disks that are not shared, what lies over a common base image is copied.</summary>
    NonSharedIncremental = 1 << 7,

    /// <summary>Nobody changes the VM's definition on the way.</summary>
    ChangeProtection = 1 << 8,

    /// <summary>Libvirt's own safety checks are passed over.</summary>
    Unsafe = 1 << 9,

    /// <summary>Only the definition of a VM that is shut off moves.</summary>
    Offline = 1 << 10,

    /// <summary>Memory is compressed.</summary>
    Compressed = 1 << 11,

    /// <summary>An I/O error of the guest ends the migration.</summary>
    AbortOnError = 1 << 12,

    /// <summary>The guest's processors are throttled until its memory can be moved.</summary>
    AutoConverge = 1 << 13,

    /// <summary>All memory is pinned before an RDMA migration begins.</summary>
    RdmaPinAll = 1 << 14,

    /// <summary>The migration may go on in post-copy.</summary>
    PostCopy = 1 << 15,

    /// <summary>QEMU encrypts memory and disks on their way.</summary>
    Tls = 1 << 16,

    /// <summary>Memory moves over several connections.</summary>
    Parallel = 1 << 17,

    /// <summary>What the guest writes to a copied disk is written at the destination at the same time.</summary>
    SynchronousWrites = 1 << 18,

    /// <summary>A post-copy migration that broke goes on.</summary>
    PostCopyResume = 1 << 19,

    /// <summary>Memory is sent from where it lies, without being copied first.</summary>
    ZeroCopy = 1 << 20,
}
