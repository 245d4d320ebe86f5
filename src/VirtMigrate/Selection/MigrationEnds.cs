using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Planning;

namespace VirtMigrate.Selection;

/// <summary>The two hosts of a migration, as far as an object tells them.</summary>
/// <param name="Source">The host that the VM was to leave.</param>
/// <param name="Destination">The host that the VM was to reach.</param>
/// <param name="HasMovedOffline">Whether an offline migration moved the VM; null where it was live, or the object does not tell.</param>
internal sealed record MigrationEnds(VmHost? Source, VmHost? Destination, bool? HasMovedOffline = null)
{
    /// <summary>Reads them from an object that names a VM.</summary>
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

    /// <summary>Finds the destination of a migration that names none, in the way of Start-VmMigration.</summary>
    /// <param name="connections">The session's hosts.</param>
    /// <param name="source">The host that the VM leaves or left.</param>
    /// <param name="uuid">The VM's UUID.</param>
    /// <param name="name">The VM's name.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The destination, open or not.</returns>
    /// <exception cref="MigrationException">None follows, or the source does not know the VM.</exception>
    public static async Task<HostConnection> FindDestinationAsync(
        HostConnections connections, HostConnection source, Guid uuid, string name, CancellationToken cancellationToken)
    {
        var vm = await source.ReadAsync(h => h.FindVmAsync(uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        return vm is null
            ? throw RequestFailures.NoDestination(name, $"'{source.Host}' does not know the VM.")
            : await new DestinationResolver(connections).ResolveAsync(vm, source, MigrationSettings.None, cancellationToken).ConfigureAwait(false);
    }
}
