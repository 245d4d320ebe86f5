namespace VirtMigrate.Model;

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
