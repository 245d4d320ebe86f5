using System.Management.Automation;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Selection;

/// <summary>
/// What is looked for on a host: VMs by name, UUID and state. Names without wildcards and UUIDs are looked up; only what
/// can't be is found by listing.
/// </summary>
internal sealed class VmQuery
{
    private readonly IReadOnlyList<WildcardPattern> _patterns;
    private readonly IReadOnlyList<string> _names;
    private readonly IReadOnlyList<Guid> _uuids;
    private readonly HashSet<VmState>? _states;

    /// <summary>Makes a query; what is left out limits nothing.</summary>
    /// <param name="names">Names, with or without wildcards.</param>
    /// <param name="uuids">UUIDs.</param>
    /// <param name="states">States.</param>
    public VmQuery(IReadOnlyCollection<string>? names, IReadOnlyCollection<Guid>? uuids = null, IReadOnlyCollection<VmState>? states = null)
    {
        names ??= [];
        _names = [.. names.Where(n => !WildcardPattern.ContainsWildcardCharacters(n)).Select(WildcardPattern.Unescape)];
        _patterns = [.. names.Where(WildcardPattern.ContainsWildcardCharacters)
            .Select(n => WildcardPattern.Get(n, WildcardOptions.IgnoreCase))];
        _uuids = [.. uuids ?? []];
        _states = states is { Count: > 0 } ? [.. states] : null;
    }

    /// <summary>What has to exist somewhere: plain names, or UUIDs where such were given.</summary>
    public IEnumerable<string> Wanted => _uuids.Count > 0 ? _uuids.Select(u => u.ToString()) : _names;

    private bool HasNames => _names.Count + _patterns.Count > 0;

    /// <summary>Whether a VM is the one that a plain name or a UUID of the query means, whatever its state.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="wanted">One of <see cref="Wanted"/>.</param>
    /// <returns>True when it is.</returns>
    public static bool Is(Vm vm, string wanted) =>
        string.Equals(vm.Name, wanted, StringComparison.OrdinalIgnoreCase) ||
        string.Equals(vm.Uuid.ToString(), wanted, StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds the VMs on one host, whatever their states.</summary>
    /// <param name="host">The host.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The VMs; <see cref="HasState"/> tells which of them are in a state that was asked for.</returns>
    public Task<IReadOnlyList<Vm>> FindAsync(HostConnection host, CancellationToken cancellationToken) =>
        host.ReadAsync(h => FindAsync(h, cancellationToken), cancellationToken);

    /// <summary>Whether a VM is in a state that was asked for.</summary>
    /// <param name="vm">The VM.</param>
    /// <returns>True when it is, and when none was asked for.</returns>
    public bool HasState(Vm vm) => _states is null || _states.Contains(vm.State);

    private async Task<IReadOnlyList<Vm>> FindAsync(IHypervisor host, CancellationToken cancellationToken)
    {
        if (_uuids.Count == 0 && (!HasNames || _patterns.Count > 0))
        {
            var all = await host.ListVmsAsync(cancellationToken).ConfigureAwait(false);

            // Hosts list in the order of a hash table, which a person can't read.
            return [.. all.Where(vm => !HasNames || IsNamed(vm)).OrderBy(vm => vm.Name, StringComparer.OrdinalIgnoreCase)];
        }

        var found = new List<Vm>();
        foreach (var uuid in _uuids)
        {
            if (await host.FindVmAsync(uuid, cancellationToken).ConfigureAwait(false) is { } vm && (!HasNames || IsNamed(vm)))
            {
                found.Add(vm);
            }
        }

        foreach (var name in _uuids.Count > 0 ? [] : _names)
        {
            found.AddRange(await FindByNameAsync(host, name, cancellationToken).ConfigureAwait(false));
        }

        return found;
    }

    // Libvirt tells names apart by case and PowerShell's users don't, so that a miss is looked at again in the list.
    private static async Task<IReadOnlyList<Vm>> FindByNameAsync(IHypervisor host, string name, CancellationToken cancellationToken)
    {
        if (await host.FindVmAsync(name, cancellationToken).ConfigureAwait(false) is { } vm)
        {
            return [vm];
        }

        var all = await host.ListVmsAsync(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(v => string.Equals(v.Name, name, StringComparison.OrdinalIgnoreCase))];
    }

    private bool IsNamed(Vm vm) =>
        _names.Any(n => string.Equals(n, vm.Name, StringComparison.OrdinalIgnoreCase)) || _patterns.Any(p => p.IsMatch(vm.Name));
}
