namespace VirtMigrate.Migration.Options;

/// <summary>
/// The option table. Start-VmMigration's parameters, the call to libvirt, the virsh command that -WhatIf shows and the
/// validation all come from its rows, so that another option is another row.
/// </summary>
public static class MigrationOptions
{
    private const long MiB = 1024 * 1024;

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

    /// <summary>The number of connections that memory moves over (multi-FD).</summary>
    public static readonly MigrationOption Parallel = new("Parallel", "--parallel")
    {
        Flag = MigrationFlags.Parallel,
        TypedParameter = "parallel.connections",
        ValueType = MigrationValueType.Number,
        VirshValueOption = "--parallel-connections",
        Minimum = 1,
        Maximum = 255,
        Since = new(5, 2, 0),
        Excludes = ["Offline"],
    };

    /// <summary>The highest rate, in bytes per second; libvirt counts in whole MiB/s.</summary>
    public static readonly MigrationOption Bandwidth = new("Bandwidth", "--bandwidth")
    {
        TypedParameter = "bandwidth",
        ValueType = MigrationValueType.LargeNumber,
        Scale = MiB,
        Minimum = MiB,
        Since = new(1, 1, 0),
        Excludes = ["Offline"],
    };

    /// <summary>The address that the source's hypervisor sends memory to, where the host's own name does not lead there.</summary>
    public static readonly MigrationOption MigrateUri = new("MigrateUri", "--migrateuri")
    {
        TypedParameter = "migrate_uri",
        ValueType = MigrationValueType.Text,
        Since = new(1, 1, 0),
        AppliesOffline = true,
    };

    /// <summary>All options, in the order in which virsh's help has them.</summary>
    public static IReadOnlyList<MigrationOption> Table { get; } =
        [Live, Offline, PeerToPeer, Persistent, UndefineSource, MigrateUri, Parallel, Bandwidth];

    /// <summary>Finds a row by the name of its parameter.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The row, or null where no option has that name.</returns>
    public static MigrationOption? Find(string name) =>
        Table.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase));
}
