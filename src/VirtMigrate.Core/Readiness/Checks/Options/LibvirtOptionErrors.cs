using VirtMigrate.Migration.Options;

namespace VirtMigrate.Readiness.Checks;

/// <summary>What libvirt says where options don't go together (virDomainMigrate3, qemuMigrationSrcBeginPhase, qemuMigrationParamsCheck).</summary>
internal static class LibvirtOptionErrors
{
    private static readonly (MigrationOption Option, Func<MigrationOptionSet, string?> Words)[] Table =
    [
        (MigrationOptions.ZeroCopy, o => o.Has(MigrationOptions.Parallel) ? null : "zero-copy is only available for parallel migration"),
        (MigrationOptions.Compression, CompressionWords),
        (MigrationOptions.Suspend, PausedPostCopyWords),
        (MigrationOptions.PostCopy, PausedPostCopyWords),
        (MigrationOptions.Offline, o => o.Has(MigrationOptions.Persistent) ? null : "offline migration must be specified with the persistent flag set"),
        (MigrationOptions.Tunnelled, TunnelWords),
        (MigrationOptions.AutoConvergeInitial, _ => "Turn auto convergence on to tune it"),
        (MigrationOptions.AutoConvergeIncrement, _ => "Turn auto convergence on to tune it"),
    ];

    /// <summary>Finds libvirt's words for what is wrong with an option.</summary>
    /// <param name="options">All options.</param>
    /// <param name="option">The option that something is wrong with.</param>
    /// <returns>The words; null where they are not known.</returns>
    public static string? Find(MigrationOptionSet options, MigrationOption option) =>
        Table.Where(t => t.Option == option).Select(t => t.Words(options)).FirstOrDefault(w => w is not null);

    private static string? CompressionWords(MigrationOptionSet options) =>
        !options.Has(MigrationOptions.Parallel) ? null :
        options.HasAny("Compression:xbzrle") ? Unsupported("xbzrle") :
        options.HasAny("Compression:mt") ? Unsupported("mt") :
        null;

    private static string Unsupported(string method) => $"Compression method '{method}' isn't supported with parallel migration";

    private static string? PausedPostCopyWords(MigrationOptionSet options) =>
        options.Has(MigrationOptions.PostCopy) && options.Has(MigrationOptions.Suspend)
            ? "post-copy migration is not supported with non-live or paused migration"
            : null;

    private static string? TunnelWords(MigrationOptionSet options) => options switch
    {
        _ when !options.Has(MigrationOptions.PeerToPeer) => "cannot perform tunnelled migration without using peer2peer flag",
        _ when options.Has(MigrationOptions.Parallel) => "Flags 'VIR_MIGRATE_TUNNELLED' and 'VIR_MIGRATE_PARALLEL' are mutually exclusive",
        _ when options.Has(MigrationOptions.PostCopy) => "post-copy is not supported with tunnelled migration",
        _ when options.Has(MigrationOptions.CopyStorage) => "migration of non-shared storage is not supported with tunnelled migration",
        _ => null,
    };
}
