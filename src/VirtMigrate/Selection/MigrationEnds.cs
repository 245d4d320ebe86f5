using VirtMigrate.Jobs;

namespace VirtMigrate.Selection;

/// <summary>The two hosts of a migration, as far as an object tells them.</summary>
/// <param name="Source">The host that the VM was to leave.</param>
/// <param name="Destination">The host that the VM was to reach.</param>
/// <param name="HasMovedOffline">Whether an offline migration moved the VM; null where it was live, or the object does not tell.</param>
internal sealed record MigrationEnds(VmHost? Source, VmHost? Destination, bool? HasMovedOffline = null)
{
    /// <summary>Reads them from an object that speaks of a VM.</summary>
    /// <param name="reference">The object.</param>
    /// <returns>The ends.</returns>
    public static MigrationEnds Of(IVmReference? reference) => reference switch
    {
        VmMigrationResult result => new(result.Source, result.Destination, result.IsLive ? null : result.Outcome == MigrationOutcome.Completed),
        VmMigrationVerification verification => new(verification.Source, verification.Destination),
        VmMigrationJobInfo info => new(info.Source, info.Destination),
        VmMigrationJob job => new(job.Source, job.Destination),
        _ => new(null, null),
    };
}
