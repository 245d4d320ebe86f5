namespace VirtMigrate.Migration.Options;

/// <summary>Disks that both hosts don't share.</summary>
public static partial class MigrationOptions
{
    /// <summary>Disks that are not shared are copied: whole, or what lies over a base image that both hosts have.</summary>
    public static readonly MigrationOption CopyStorage = new("CopyStorage", string.Empty)
    {
        ValueType = MigrationValueType.Text,
        Since = new(0, 8, 2),
        Excludes = ["Offline"],
        Choices =
        [
            new(nameof(StorageCopy.All)) { Flag = MigrationFlags.NonSharedDisk, VirshOption = "--copy-storage-all" },
            new(nameof(StorageCopy.Incremental)) { Flag = MigrationFlags.NonSharedIncremental, VirshOption = "--copy-storage-inc" },
        ],
    };

    /// <summary>What the guest writes to a copied disk is written at the destination at the same time, so that the copy comes to an end.</summary>
    public static readonly MigrationOption SynchronousWrites = new("SynchronousWrites", "--copy-storage-synchronous-writes")
    {
        Flag = MigrationFlags.SynchronousWrites,
        Since = new(8, 0, 0),
        Requires = ["CopyStorage"],
    };

    /// <summary>The disks to copy, by target; all that are neither shared nor read-only when left out.</summary>
    public static readonly MigrationOption MigrateDisk = new("MigrateDisk", "--migrate-disks")
    {
        TypedParameter = "migrate_disks",
        ValueType = MigrationValueType.TextList,
        Since = new(1, 2, 17),
        Requires = ["CopyStorage"],
    };

    /// <summary>The copied disks, by target, whose zeroes are neither sent nor allocated.</summary>
    public static readonly MigrationOption MigrateDiskDetectZeroes = new("MigrateDiskDetectZeroes", "--migrate-disks-detect-zeroes")
    {
        TypedParameter = "migrate_disks_detect_zeroes",
        ValueType = MigrationValueType.TextList,
        Since = new(10, 9, 0),
        Requires = ["CopyStorage"],
    };

    /// <summary>What a copied disk's image holds at the destination is overwritten, where no VM there names it.</summary>
    public static readonly MigrationOption Overwrite = new("Overwrite", string.Empty)
    {
        Since = Always,
        Requires = ["CopyStorage"],
        Risk = "overwrites the images at the destination that the disks of VM '{0}' are copied into. Their present contents are lost.",
    };

    /// <summary>Where it can't be told whether a copied disk and its target are one storage, they are taken for two.</summary>
    public static readonly MigrationOption AssumeSeparateStorage = new("AssumeSeparateStorage", string.Empty)
    {
        Since = Always,
        Requires = ["CopyStorage"],
        Risk = "treats the disks of VM '{0}' and what they are copied into as separate storage where that can't be verified. If they are the " +
            "same storage, the copy destroys it.",
    };

    /// <summary>The port that the destination listens on for disks.</summary>
    public static readonly MigrationOption DisksPort = new("DisksPort", "--disks-port")
    {
        TypedParameter = "disks_port",
        ValueType = MigrationValueType.Number,
        Minimum = 1,
        Maximum = 65535,
        Since = new(1, 3, 3),
        Requires = ["CopyStorage"],
        Excludes = ["DisksUri"],
    };

    /// <summary>The address that disks go to: <c>tcp://address:port</c> or <c>unix:///socket</c>.</summary>
    public static readonly MigrationOption DisksUri = new("DisksUri", "--disks-uri")
    {
        TypedParameter = "disks_uri",
        ValueType = MigrationValueType.Text,
        Since = new(6, 8, 0),
        Requires = ["CopyStorage"],
    };
}
