using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

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
    /// <param name="cancellationToken">Gives up waiting.</param>
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
