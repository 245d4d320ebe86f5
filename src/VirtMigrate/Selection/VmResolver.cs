using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Selection;

/// <summary>Finds the VMs that a selector names.</summary>
/// <param name="connections">The session's hosts.</param>
internal sealed class VmResolver(HostConnections connections)
{
    /// <summary>Finds them. An object's own host goes before the one that was named beside it.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="host">The host to look plain names up on; null for the default source.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The VMs; none where a wildcard fits nothing.</returns>
    /// <exception cref="VmNotFoundException">A plain name or a UUID is not there.</exception>
    /// <exception cref="HypervisorException">The host can't be asked.</exception>
    public async Task<IReadOnlyList<ResolvedVm>> ResolveAsync(VmSelector selector, string? host, CancellationToken cancellationToken)
    {
        var connection = (selector.VmHost ?? host) is { } text ? connections.Get(text) : connections.Get(HostAddress.DefaultSource);
        if (selector.Reference is Vm known)
        {
            return [new(known, connection)];
        }

        var query = selector.Uuid is { } uuid ? new VmQuery(null, [uuid]) : new VmQuery([selector.Name!]);
        var found = await query.FindAsync(connection, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 && !selector.IsPattern
            ? throw new VmNotFoundException(selector.ToString(), connection.Address)
            : [.. found.Select(vm => new ResolvedVm(vm, connection))];
    }
}
