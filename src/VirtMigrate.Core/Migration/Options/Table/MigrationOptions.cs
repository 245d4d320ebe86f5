namespace VirtMigrate.Migration.Options;

/// <summary>
/// The option table. Start-VmMigration's parameters, the call to libvirt, the virsh command that -WhatIf shows and the
/// validation all come from its rows, so that another option is another row. Versions and rules are libvirt's own
/// (virDomainMigrateFlags, VIR_MIGRATE_PARAM_*, and what its QEMU driver and QEMU refuse).
/// </summary>
public static partial class MigrationOptions
{
    private const long MiB = 1024 * 1024;

    // Of options that no libvirt is asked for.
    private static Version Always => new(0, 0);

    // The rows are spread over several files, whose fields come to life in no fixed order.
    private static readonly Lazy<IReadOnlyList<MigrationOption>> Rows = new(ListRows);

    /// <summary>All options.</summary>
    public static IReadOnlyList<MigrationOption> Table => Rows.Value;

    /// <summary>Finds a row by the name of its parameter.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The row, or null where no option has that name.</returns>
    public static MigrationOption? Find(string name) =>
        Table.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.OrdinalIgnoreCase));

    private static IReadOnlyList<MigrationOption> ListRows() =>
    [
        Live, Offline, PeerToPeer, Direct, Tunnelled, Persistent, UndefineSource, Suspend,
        CopyStorage, SynchronousWrites, MigrateDisk, MigrateDiskDetectZeroes, Overwrite, AssumeSeparateStorage, DisksPort, DisksUri,
        ChangeProtection, Unsafe, LeaveManagedSave, AbortOnError,
        PostCopy, PostCopyAfterPrecopy, PostCopyBandwidth, PostCopyResume,
        AutoConverge, AutoConvergeInitial, AutoConvergeIncrement,
        Compression, CompressionMtLevel, CompressionMtThreads, CompressionMtDecompressionThreads, CompressionXbzrleCache,
        CompressionZlibLevel, CompressionZstdLevel,
        Parallel, ZeroCopy, RdmaPinAll, Bandwidth, AvailableSwitchoverBandwidth,
        Tls, TlsDestination, MigrateUri, ListenAddress, GraphicsUri, NewName, DestinationXml, PersistentXml,
        Timeout, OnTimeout,
    ];
}
