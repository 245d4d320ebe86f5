using System.Collections.Concurrent;

namespace VirtMigrate.Hosts;

/// <summary>What is known of the hosts of one command, so that what lasts is asked once for all of its VMs.</summary>
internal sealed class HostCache(HostConnections? connections = null)
{
    private readonly ConcurrentDictionary<HostConnection, HostFacts> _hosts = [];
    private readonly ConcurrentDictionary<HostConnection, HypervisorException> _lost = [];

    /// <summary>Gives what is known of a host.</summary>
    public HostFacts Open(HostConnection host, IReadOnlyCollection<Guid> vms, bool keepCapacity, CancellationToken cancellationToken)
    {
        return _hosts.AddOrUpdate(
            host,
            _ => new HostFacts(host.Address, async ct => await host.GetAsync(ct).ConfigureAwait(false), [], cancellationToken)
                .Renew(vms, keepCapacity, cancellationToken),
            (_, known) => known.Renew(vms, keepCapacity, cancellationToken));
    }

    /// <summary>Gives each other host that the session is connected to, to be asked what VMs it has now.</summary>
    public IReadOnlyDictionary<string, HostFacts> OpenOthers(HostConnection host, CancellationToken cancellationToken) =>
        (connections?.Opened ?? []).Where(c => !c.IsSameHost(host)).DistinctBy(NameOf, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(NameOf, c => new HostFacts(c.Address, ct => OpenOnceAsync(c, ct), [], cancellationToken), StringComparer.OrdinalIgnoreCase);

    private static string NameOf(HostConnection host) => host.Host?.Name ?? host.Address.Uri;

    private async Task<IHostInspection> OpenOnceAsync(HostConnection host, CancellationToken cancellationToken)
    {
        if (_lost.TryGetValue(host, out var known))
        {
            throw known;
        }

        try
        {
            return await host.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorException e)
        {
            _lost[host] = e;
            throw;
        }
    }
}
