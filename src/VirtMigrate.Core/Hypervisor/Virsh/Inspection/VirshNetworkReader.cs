using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Reads a host's virtual networks: their lists in one run of virsh, and each of them in as few as their number allows.</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshNetworkReader(IVirsh virsh)
{
    /// <summary>Reads all networks.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The networks.</returns>
    public async Task<IReadOnlyList<HostNetwork>> ListAsync(CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([["net-list", "--uuid"], ["net-list", "--uuid", "--all"]], cancellationToken).ConfigureAwait(false);
        HashSet<Guid> active = [.. UuidsOutput.Read(lists[0].Take())];
        var networks = UuidsOutput.Read(lists[1].Take());
        if (networks.Count == 0)
        {
            return [];
        }

        var answers = await virsh.RunManyAsync([.. networks.Select(n => (string[])["net-dumpxml", n.ToString()])], cancellationToken).ConfigureAwait(false);
        return
        [
            .. VirshRefusal.TakeUnlessGone(networks, answers)
                .Select(n => XmlOutput.Read(n.Output, "network", x => XmlOutput.Uuid(x) == n.Asked ? HostNetwork.Read(x, active.Contains(n.Asked)) : null))
                .OfType<HostNetwork>(),
        ];
    }
}
