using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

/// <summary>Finds the VMs that a selector names.</summary>
/// <param name="connections">The session's hosts.</param>
internal sealed class VmResolver(HostConnections connections)
{
    /// <summary>What names stand for.</summary>
    public VmNames Names { get; } = new(connections);

    /// <summary>Finds them. An object's own host goes before the one that was named beside it.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="host">The host to look plain names up on; null for the default source.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The VMs; none where a wildcard fits nothing.</returns>
    /// <exception cref="VmNotFoundException">A name or a UUID is not there.</exception>
    /// <exception cref="HypervisorException">Several VMs have the name in another case. The host can't be asked.</exception>
    public async Task<IReadOnlyList<ResolvedVm>> ResolveAsync(VmSelector selector, string? host, CancellationToken cancellationToken)
    {
        var connection = (selector.VmHost ?? host) is { } text ? connections.Get(text) : connections.Get(HostAddresses.DefaultSource);
        if (selector.Reference is Vm known)
        {
            return [new(known, connection)];
        }

        var query = selector.ToQuery();
        var candidates = await query.ReadAsync(connection, cancellationToken).ConfigureAwait(false);
        var found = await ChooseAsync(selector, query, candidates, [connection], unasked: null, cancellationToken).ConfigureAwait(false);
        return [.. found.Select(vm => new ResolvedVm(vm, connection))];
    }

    /// <summary>Takes those of some hosts' VMs that a selector names.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="query">Its query.</param>
    /// <param name="candidates">The VMs that the hosts have for it.</param>
    /// <param name="asked">The hosts.</param>
    /// <param name="unasked">Why one of them could not be asked; null where all were.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The VMs; none where a wildcard fits nothing.</returns>
    /// <exception cref="HypervisorException">A name or a UUID is not there, or it is not clear what it names.</exception>
    public async Task<IReadOnlyList<Vm>> ChooseAsync(
        VmSelector selector,
        VmQuery query,
        IReadOnlyList<Vm> candidates,
        IReadOnlyList<HostConnection> asked,
        HypervisorException? unasked,
        CancellationToken cancellationToken)
    {
        if (query.HasUuids)
        {
            return candidates.Count > 0 ? candidates : throw unasked ?? new VmNotFoundException(selector.ToString(), asked[0].Address);
        }

        var (choice, refusal) = await Names
            .ChooseAsync(selector.Name!, [.. candidates.Select(vm => vm.Name)], asked, unasked, cancellationToken).ConfigureAwait(false);
        return refusal is null
            ? query.Take(candidates, [choice])
            : throw (choice.Kind == VmNameKind.Unknown ? unasked : null) ?? refusal;
    }
}
