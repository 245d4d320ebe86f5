namespace VirtMigrate.Failures;

/// <summary>Disks that the destination does not see, or that can't be copied to it.</summary>
internal static class StorageFailures
{
    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("DiskCacheUnsafe", false, MigrationEnd.Source, ["disks use cache other than none"]),
        new("StorageNotShared", false, MigrationEnd.Source, ["Migration without shared storage is unsafe"]),
        new("DiskMissingOnDestination", false, MigrationEnd.Destination,
            ["Cannot access storage file '…No such file or directory", "Cannot access backing file '…No such file or directory"]),
        new("CdromMissingOnDestination", false, MigrationEnd.Destination, ["Cannot access storage file '….iso'…No such file or directory"]),
        new("DiskAccessDenied", false, MigrationEnd.Destination,
            ["Cannot access storage file '…Permission denied", "Cannot access backing file '…Permission denied"]),
        new("StoragePoolMissing", false, MigrationEnd.Destination, ["no storage pool with matching target path"]),
        new("CopyTargetMissing", false, MigrationEnd.Destination,
            ["pre-creation of storage targets for incremental storage migration", "cannot precreate storage for disk type"]),
        new("DiskSizeMismatch", false, MigrationEnd.Source, ["Source and target image have different sizes"]),
        new("DestinationStorageFull", false, MigrationEnd.Destination, ["No space left on device", "Disk quota exceeded"]),
        new("DiskTargetUnknown", false, MigrationEnd.Source, ["disk target…not found", "unable to find disk by target"]),
        new("DiskNotCopyable", false, MigrationEnd.Unknown, ["Cannot migrate empty or read-only disk", "Block node is read-only"]),
        new("StorageCopyFailed", null, MigrationEnd.Unknown, ["migration of disk"]) { IsFrame = true },
        new("DiskIoError", false, MigrationEnd.Source, ["cannot migrate domain with I/O error", "failed due to I/O error"]),
    ];
}
