using System.Collections.Concurrent;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;

namespace VirtMigrate.Selection;

/// <summary>
/// Brings what one command's names stand for together with the VMs of the other connected hosts. Each of these is asked once, and only where
/// a name is not found letter by letter.
/// </summary>
/// <param name="connections">The session's hosts.</param>
internal sealed class VmNames(HostConnections connections)
{
    private readonly ConcurrentDictionary<HostConnection, Lazy<Task<IReadOnlyList<Vm>>>> _others = [];

    /// <summary>Decides what a text stands for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="here">The names of the VMs that it may stand for.</param>
    /// <param name="asked">The hosts whose VMs these are.</param>
    /// <param name="unasked">Why one of these could not be asked; null where all were.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The choice, and the error to report where it is none; null where it is one.</returns>
    public async Task<(VmNameChoice Choice, HypervisorException? Refusal)> ChooseAsync(
        string text,
        IReadOnlyCollection<string> here,
        IReadOnlyCollection<HostConnection> asked,
        HypervisorException? unasked,
        CancellationToken cancellationToken)
    {
        var choice = VmNameChoice.Of(text, here);
        if (choice.IsExact)
        {
            return (choice, null);
        }

        // A host that is down keeps nobody waiting for web*, but may hold the very VM that is called win10 [prod].
        var others = await ListOthersAsync(asked, VmNameChoice.IsDeceptive(text), cancellationToken).ConfigureAwait(false);
        var failure = unasked ?? others.Failure;
        choice = VmNameChoice.Of(text, here, others.Vms.Select(vm => vm.Name), failure is null);
        return (choice, choice.Kind switch
        {
            VmNameKind.Unknown => new VmNotFoundException(text, AddressOf(asked)),
            VmNameKind.Elsewhere => new VmNotFoundException(text, AddressOf(asked), [.. others.Vms.Where(vm => choice.Names.Contains(vm.Name))]),
            VmNameKind.Ambiguous => HypervisorException.NameAmbiguous(text, [.. choice.Names.Order(StringComparer.Ordinal)]),
            VmNameKind.Undecided => failure,
            _ => null,
        });
    }

    /// <summary>Finds where a VM that is not active on its host is active.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="host">Its host.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The VM as another connected host has it; null where none of those that answer has it active.</returns>
    public async Task<Vm?> FindActiveAsync(Vm vm, HostConnection host, CancellationToken cancellationToken)
    {
        var others = await ListOthersAsync([host], reopen: false, cancellationToken).ConfigureAwait(false);
        return others.Vms.FirstOrDefault(other => other.Uuid == vm.Uuid && other.IsActive);
    }

    private static HostAddress AddressOf(IReadOnlyCollection<HostConnection> asked) => asked.FirstOrDefault()?.Address ?? HostAddresses.DefaultSource;

    private static Task<IReadOnlyList<Vm>> ListAsync(HostConnection host, CancellationToken cancellationToken) =>
        host.ReadAsync(h => h.ListVmsAsync(cancellationToken), cancellationToken);

    private async Task<(IReadOnlyList<Vm> Vms, HypervisorException? Failure)> ListOthersAsync(
        IReadOnlyCollection<HostConnection> asked, bool reopen, CancellationToken cancellationToken)
    {
        var hosts = connections.Opened.Where(c => (reopen || c.IsAlive) && !asked.Any(c.IsSameHost)).ToList();
        var lists = hosts.ConvertAll(c => _others.GetOrAdd(c, h => new(() => Task.Run(() => ListAsync(h, cancellationToken)))).Value);
        var vms = new List<Vm>();
        HypervisorException? failure = null;
        foreach (var list in lists)
        {
            try
            {
                vms.AddRange(await list.ConfigureAwait(false));
            }
            catch (HypervisorException e)
            {
                failure ??= e;
            }
        }

        return (vms, failure);
    }
}
