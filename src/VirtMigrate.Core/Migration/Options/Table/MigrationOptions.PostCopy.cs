namespace VirtMigrate.Migration.Options;

/// <summary>Post-copy: the guest moves first and fetches the rest of its memory.</summary>
public static partial class MigrationOptions
{
    /// <summary>The migration may go on in post-copy. QEMU before 10.1 loses a guest that moves over several connections as well.</summary>
    public static readonly MigrationOption PostCopy = new("PostCopy", "--postcopy")
    {
        Flag = MigrationFlags.PostCopy,
        Since = new(1, 3, 3),
        Excludes = ["Offline"],
        Conflicts = [new("Parallel", new(10, 1))],
    };

    /// <summary>The client switches to post-copy when all memory has been sent once.</summary>
    public static readonly MigrationOption PostCopyAfterPrecopy = new("PostCopyAfterPrecopy", "--postcopy-after-precopy")
    {
        Since = new(1, 3, 3),
        Requires = ["PostCopy"],
    };

    /// <summary>The highest rate in post-copy, in bytes per second; libvirt counts in whole MiB/s.</summary>
    public static readonly MigrationOption PostCopyBandwidth = new("PostCopyBandwidth", "--postcopy-bandwidth")
    {
        TypedParameter = "bandwidth.postcopy",
        ValueType = MigrationValueType.LargeNumber,
        Scale = MiB,
        Minimum = MiB,
        Since = new(5, 1, 0),
        Requires = ["PostCopy"],
    };

    /// <summary>A post-copy migration that broke goes on. Resume-VmMigration sets it.</summary>
    public static readonly MigrationOption PostCopyResume = new("PostCopyResume", "--postcopy-resume")
    {
        Flag = MigrationFlags.PostCopyResume,
        Since = new(8, 5, 0),
        Requires = ["PostCopy", "ChangeProtection|PeerToPeer"],
    };
}
