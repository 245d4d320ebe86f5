using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>Turns what the user named into migrations to be checked: each VM to each destination, whether it can go there or not.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="settings">Options, limits and policy for all.</param>
internal sealed class ReadinessRequestBuilder(HostConnections connections, MigrationSettings settings)
{
    private readonly VmResolver _vms = new(connections);
    private readonly DestinationResolver _destinations = new(connections);
    private readonly HashSet<(Guid, HostConnection)> _seen = [];

    /// <summary>Makes the migrations for what one selector names.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="source">The host to look plain names up on; null for the default source.</param>
    /// <param name="destinations">The destinations; empty for all that come into question.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The migrations, one for each VM and destination.</returns>
    /// <exception cref="HypervisorException">A VM is not there, or its host can't be asked.</exception>
    /// <exception cref="MigrationException">No destination was named, and none follows.</exception>
    /// <exception cref="HypervisorException">A destination's text names no host.</exception>
    public async Task<IReadOnlyList<MigrationRequest>> BuildAsync(
        VmSelector selector, string? source, IReadOnlyList<string> destinations, CancellationToken cancellationToken)
    {
        var requests = new List<MigrationRequest>();
        foreach (var vm in await _vms.ResolveAsync(selector, source, cancellationToken).ConfigureAwait(false))
        {
            // A VM that is named twice is checked once.
            if (!_seen.Add((vm.Vm.Uuid, vm.Host)))
            {
                continue;
            }

            var targets = destinations.Count > 0
                ? [.. destinations.Select(connections.Get).Distinct()]
                : _destinations.Candidates(vm.Vm, vm.Host);
            requests.AddRange(targets.Select(target => settings.ToRequest(vm.Vm, vm.Host, target)));
        }

        return requests;
    }
}
