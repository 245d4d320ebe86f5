namespace VirtMigrate.Failures;

/// <summary>The VM's state, its definition, and what was asked for it.</summary>
internal static class VmFailures
{
    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("BlockJobActive", true, MigrationEnd.Source, ["domain has active block job"]),
        new("SnapshotsPresent", false, MigrationEnd.Source, ["cannot migrate domain with…snapshots"]),
        new("VmExistsOnDestination", false, MigrationEnd.Destination, ["domain '…' is already active", "domain '…' already exists with uuid"]),
        new("VmBusy", true, MigrationEnd.Unknown, ["cannot acquire state change lock", "another migration job is already running"]),
        new("VmMarkedForAutoDestroy", false, MigrationEnd.Source, ["domain is marked for auto destroy"]),
        new("VmNotRunning", false, MigrationEnd.Source, ["domain is not running"]),
        new("DefinitionIncompatible", false, MigrationEnd.Unknown, ["Target…does not match source"]),
        new("NvramPresent", false, MigrationEnd.Source, ["cannot undefine domain with nvram"]),
        new("MigrationOptionInvalid", false, MigrationEnd.Unknown,
        [
            "Turn parallel migration on to tune it", "zero-copy is only available for parallel migration",
            "Compression method '…' isn't supported with parallel migration", "Turn compression on to tune it",
            "post-copy migration is not supported with non-live or paused migration", "post-copy is not supported with tunnelled migration",
            "offline migration must be specified with the persistent flag set", "offline migration cannot handle non-shared storage",
            "tunnelled offline migration does not make sense", "Flags '…' are mutually exclusive",
            "migration of non-shared storage is not supported with tunnelled migration", "is not supported by tunnelled migration",
        ]),
        new("PostCopyFailed", false, MigrationEnd.Unknown, ["failed in post-copy phase"]),
        new("PostCopyActive", false, MigrationEnd.Source, ["cannot abort migration in post-copy mode", "QEMU reports migration is still running"]),
    ];
}
