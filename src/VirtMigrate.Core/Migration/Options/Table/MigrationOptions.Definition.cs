namespace VirtMigrate.Migration.Options;

/// <summary>What becomes of the VM's definition and state, and what libvirt may refuse.</summary>
public static partial class MigrationOptions
{
    /// <summary>The destination keeps a definition.</summary>
    public static readonly MigrationOption Persistent = new("Persistent", "--persistent")
    {
        Flag = MigrationFlags.PersistDestination,
        Since = new(0, 7, 3),
        AppliesOffline = true,
    };

    /// <summary>The source drops its definition when the VM has moved.</summary>
    public static readonly MigrationOption UndefineSource = new("UndefineSource", "--undefinesource")
    {
        Flag = MigrationFlags.UndefineSource,
        Since = new(0, 7, 3),
        AppliesOffline = true,
    };

    /// <summary>The guest stands still when it has arrived.</summary>
    public static readonly MigrationOption Suspend = new("Suspend", "--suspend")
    {
        Flag = MigrationFlags.Paused,
        Since = new(0, 7, 5),
        Excludes = ["Offline", "PostCopy"],
    };

    /// <summary>Nobody changes the VM's definition on the way; a daemon that can't see to it refuses.</summary>
    public static readonly MigrationOption ChangeProtection = new("ChangeProtection", "--change-protection")
    {
        Flag = MigrationFlags.ChangeProtection,
        Since = new(0, 9, 4),
    };

    /// <summary>Libvirt's safety checks of disks and caches are passed over.</summary>
    public static readonly MigrationOption Unsafe = new("Unsafe", "--unsafe")
    {
        Flag = MigrationFlags.Unsafe,
        Since = new(0, 9, 11),
        Risk = "skips libvirt's storage safety checks for VM '{0}'. If its disks are not the same storage on both hosts, or a host caches " +
            "them, they are corrupted.",
    };

    /// <summary>The memory that a managed save keeps of a VM stays behind.</summary>
    public static readonly MigrationOption LeaveManagedSave = new("LeaveManagedSave", string.Empty)
    {
        Since = Always,
        AppliesOffline = true,
        Risk = "leaves the managed save image of VM '{0}' behind. At the destination it boots as after a power failure; starting it later on " +
            "the host that has the image resumes old memory and corrupts its disks.",
    };

    /// <summary>An I/O error of the guest on the way ends the migration.</summary>
    public static readonly MigrationOption AbortOnError = new("AbortOnError", "--abort-on-error")
    {
        Flag = MigrationFlags.AbortOnError,
        Since = new(1, 1, 0),
        Excludes = ["Offline"],
    };

    /// <summary>The VM's name at the destination.</summary>
    public static readonly MigrationOption NewName = new("NewName", "--dname")
    {
        TypedParameter = "destination_name",
        ValueType = MigrationValueType.Text,
        Since = new(1, 1, 0),
        AppliesOffline = true,
    };

    /// <summary>The definition that the VM runs with at the destination.</summary>
    public static readonly MigrationOption DestinationXml = new("DestinationXml", "--xml")
    {
        TypedParameter = "destination_xml",
        ValueType = MigrationValueType.Text,
        Since = new(1, 1, 0),
        AppliesOffline = true,
    };

    /// <summary>The definition that the destination keeps.</summary>
    public static readonly MigrationOption PersistentXml = new("PersistentXml", "--persistent-xml")
    {
        TypedParameter = "persistent_xml",
        ValueType = MigrationValueType.Text,
        Since = new(1, 3, 4),
        Requires = ["Persistent"],
        AppliesOffline = true,
    };
}
