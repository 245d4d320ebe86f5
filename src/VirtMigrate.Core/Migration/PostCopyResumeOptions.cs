using VirtMigrate.Options;

namespace VirtMigrate.Migration;

/// <summary>
/// Makes the options that resume a migration. Libvirt has kept what concerns the VM; what concerns the way, and what is to be
/// done with the source in the end, has to be said again (virDomainMigrateFlags, VIR_MIGRATE_POSTCOPY_RESUME).
/// </summary>
internal static class PostCopyResumeOptions
{
    private static readonly MigrationOption[] Kept =
    [
        MigrationOptions.Persistent, MigrationOptions.UndefineSource, MigrationOptions.NewName, MigrationOptions.PostCopyBandwidth,
        MigrationOptions.MigrateUri, MigrationOptions.ListenAddress, MigrationOptions.Tls, MigrationOptions.TlsDestination,
    ];

    /// <summary>Makes the options.</summary>
    /// <param name="original">The options of the migration that broke, as far as they are known.</param>
    /// <param name="given">What the user asks for now; goes before the original's.</param>
    /// <returns>The options of the resumption.</returns>
    public static MigrationOptionSet Of(MigrationOptionSet original, MigrationOptionSet given)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(given);
        var options = MigrationOptionSet.Empty
            .With(MigrationOptions.Live, true)
            .With(MigrationOptions.PostCopy, true)
            .With(MigrationOptions.PostCopyResume, true);
        foreach (var (option, value) in original.Enabled.Where(o => Kept.Contains(o.Key)).Concat(given.Enabled))
        {
            options = given.IsDecided(option) && !given.Has(option) ? options : options.With(option, value);
        }

        // Where this side drives both daemons it can let go of one that hangs; a source's daemon that waits for the other can't be freed.
        return options.Has(MigrationOptions.PeerToPeer) ? options : options.With(MigrationOptions.ChangeProtection, true);
    }
}
