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
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The VMs; none where a wildcard matches nothing.</returns>
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
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The VMs; none where a wildcard matches nothing.</returns>
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

/// <summary>A VM that was found, and the connection to the host that has it.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Host">The connection.</param>
internal sealed record ResolvedVm(Vm Vm, HostConnection Host);

/// <summary>
/// What is looked for on hosts: VMs by name, UUID and state. Plain names and UUIDs are looked up; only what can't be is found by listing.
/// </summary>
internal sealed class VmQuery
{
    private readonly IReadOnlyList<Guid> _uuids;
    private readonly HashSet<VmState>? _states;

    /// <summary>Makes a query; what is left out limits nothing.</summary>
    /// <param name="names">Names, with or without wildcards.</param>
    /// <param name="uuids">UUIDs.</param>
    /// <param name="states">States.</param>
    public VmQuery(IReadOnlyCollection<string>? names, IReadOnlyCollection<Guid>? uuids = null, IReadOnlyCollection<VmState>? states = null)
    {
        Names = [.. (names ?? []).Distinct(StringComparer.Ordinal)];
        _uuids = [.. uuids ?? []];
        _states = states is { Count: > 0 } ? [.. states] : null;
    }

    /// <summary>The texts that name VMs.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The UUIDs of which one can't be found.</summary>
    /// <param name="candidates">The VMs that were found.</param>
    /// <returns>The UUIDs.</returns>
    public IEnumerable<Guid> MissingUuids(IReadOnlyCollection<Vm> candidates) => _uuids.Except(candidates.Select(vm => vm.Uuid));

    /// <summary>Whether names are looked for by UUIDs' leave only: the names then limit what the UUIDs name.</summary>
    public bool HasUuids => _uuids.Count > 0;

    /// <summary>Reads the VMs of one host that the query may mean. Which of them its names stand for depends on those of other hosts, too.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The VMs, whatever their states.</returns>
    public Task<IReadOnlyList<Vm>> ReadAsync(HostConnection host, CancellationToken cancellationToken) =>
        host.ReadAsync(h => ReadAsync(h, cancellationToken), cancellationToken);

    /// <summary>Takes those that are meant, in the order in which they were named.</summary>
    /// <param name="candidates">The VMs of one host.</param>
    /// <param name="choices">What each name stands for.</param>
    /// <returns>The VMs that are in a state that was asked for.</returns>
    public IReadOnlyList<Vm> Take(IReadOnlyList<Vm> candidates, IReadOnlyList<VmNameChoice> choices)
    {
        var named = Names.Count == 0 ? candidates : choices.SelectMany(c => candidates.Where(vm => c.Includes(vm.Name))).DistinctBy(vm => vm.Uuid);
        return [.. named.Where(vm => _states is null || _states.Contains(vm.State))];
    }

    private async Task<IReadOnlyList<Vm>> ReadAsync(IHypervisor host, CancellationToken cancellationToken)
    {
        var found = new List<Vm>();
        foreach (var uuid in _uuids)
        {
            if (await host.FindVmAsync(uuid, cancellationToken).ConfigureAwait(false) is { } vm)
            {
                found.Add(vm);
            }
        }

        return HasUuids
            ? found
            : await LookUpAsync(host, cancellationToken).ConfigureAwait(false)
            // Hosts list in the order of a hash table, which a person can't read.
            ?? [.. (await host.ListVmsAsync(cancellationToken).ConfigureAwait(false)).OrderBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase)];
    }

    // Null where a name may be another than it looks: one with wildcards or backticks, or one that is there in another case only.
    private async Task<IReadOnlyList<Vm>?> LookUpAsync(IHypervisor host, CancellationToken cancellationToken)
    {
        if (Names.Count == 0 || Names.Any(n => VmNameChoice.IsPattern(n) || n.Contains('`', StringComparison.Ordinal)))
        {
            return null;
        }

        var found = new List<Vm>();
        foreach (var name in Names)
        {
            if (await host.FindVmAsync(name, cancellationToken).ConfigureAwait(false) is not { } vm)
            {
                return null;
            }

            found.Add(vm);
        }

        return found;
    }
}
