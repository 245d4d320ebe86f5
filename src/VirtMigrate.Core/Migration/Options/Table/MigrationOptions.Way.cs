namespace VirtMigrate.Migration.Options;

/// <summary>Who runs the migration, and which way its data takes.</summary>
public static partial class MigrationOptions
{
    /// <summary>The guest keeps running while it moves.</summary>
    public static readonly MigrationOption Live = new("Live", "--live")
    {
        Flag = MigrationFlags.Live,
        Since = new(0, 3, 2),
        Excludes = ["Offline"],
    };

    /// <summary>Only the definition of a VM that is shut off moves. Libvirt wants it kept at the destination.</summary>
    public static readonly MigrationOption Offline = new("Offline", "--offline")
    {
        Flag = MigrationFlags.Offline,
        Since = new(1, 0, 1),
        Requires = ["Persistent"],
        AppliesOffline = true,
    };

    /// <summary>The source's daemon connects to the destination and runs the migration; it survives the client.</summary>
    public static readonly MigrationOption PeerToPeer = new("PeerToPeer", "--p2p")
    {
        Flag = MigrationFlags.PeerToPeer,
        Since = new(0, 7, 2),
        AppliesOffline = true,
    };

    /// <summary>The hypervisor itself runs the migration; no libvirt daemon at the destination takes part (not with QEMU).</summary>
    public static readonly MigrationOption Direct = new("Direct", "--direct")
    {
        Since = new(0, 7, 2),
        Requires = ["MigrateUri"],
        Excludes = ["PeerToPeer"],
        AppliesOffline = true,
    };

    /// <summary>Memory goes through the connection between the two daemons.</summary>
    public static readonly MigrationOption Tunnelled = new("Tunnelled", "--tunnelled")
    {
        Flag = MigrationFlags.Tunnelled,
        Since = new(0, 7, 2),
        Requires = ["PeerToPeer"],
        Excludes = ["Offline", "Parallel", "PostCopy", "CopyStorage", "MigrateUri", "ListenAddress", "DisksPort"],
    };

    /// <summary>QEMU encrypts memory and copied disks on their way.</summary>
    public static readonly MigrationOption Tls = new("Tls", "--tls")
    {
        Flag = MigrationFlags.Tls,
        Since = new(3, 2, 0),
        Excludes = ["Offline"],
    };

    /// <summary>The name that the destination's certificate is for, where it is not the name that the source reaches it by.</summary>
    public static readonly MigrationOption TlsDestination = new("TlsDestination", "--tls-destination")
    {
        TypedParameter = "tls.destination",
        ValueType = MigrationValueType.Text,
        Since = new(6, 0, 0),
        Requires = ["Tls"],
    };

    /// <summary>The address that the source's hypervisor sends memory to, where the host's own name does not lead there.</summary>
    public static readonly MigrationOption MigrateUri = new("MigrateUri", "--migrateuri")
    {
        TypedParameter = "migrate_uri",
        ValueType = MigrationValueType.Text,
        Since = new(1, 1, 0),
        AppliesOffline = true,
    };

    /// <summary>The address that the destination's hypervisor listens on for memory.</summary>
    public static readonly MigrationOption ListenAddress = new("ListenAddress", "--listen-address")
    {
        TypedParameter = "listen_address",
        ValueType = MigrationValueType.Text,
        Since = new(1, 1, 4),
    };

    /// <summary>Where viewers of the guest's screen connect to when it has moved.</summary>
    public static readonly MigrationOption GraphicsUri = new("GraphicsUri", "--graphicsuri")
    {
        TypedParameter = "graphics_uri",
        ValueType = MigrationValueType.Text,
        Since = new(1, 1, 0),
    };

    /// <summary>The time in seconds after which <see cref="OnTimeout"/> happens.</summary>
    public static readonly MigrationOption Timeout = new("Timeout", "--timeout")
    {
        ValueType = MigrationValueType.Number,
        Minimum = 1,
        Maximum = int.MaxValue,
        Since = new(0, 3, 2),
        AppliesOffline = true,
    };

    /// <summary>What happens when the time is up.</summary>
    public static readonly MigrationOption OnTimeout = new("OnTimeout", string.Empty)
    {
        ValueType = MigrationValueType.Text,
        Since = new(0, 3, 2),
        Requires = ["Timeout"],
        Choices =
        [
            new(nameof(TimeoutAction.Abort)),
            new(nameof(TimeoutAction.Suspend)) { VirshOption = "--timeout-suspend", Excludes = ["Offline"] },
            new(nameof(TimeoutAction.PostCopy)) { VirshOption = "--timeout-postcopy", Requires = ["PostCopy"] },
        ],
        AppliesOffline = true,
    };
}
