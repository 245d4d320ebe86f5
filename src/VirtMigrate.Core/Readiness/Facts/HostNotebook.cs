using System.Collections.Concurrent;
using VirtMigrate.Hypervisor;

namespace VirtMigrate.Readiness.Facts;

/// <summary>What is known of the hosts of one command, so that what lasts is asked once for all of its VMs.</summary>
/// <param name="connections">The session's hosts; null where no migration is checked that other hosts have a say in.</param>
internal sealed class HostNotebook(HostConnections? connections = null)
{
    private readonly ConcurrentDictionary<HostConnection, HostFacts> _hosts = [];
    private readonly ConcurrentDictionary<HostConnection, HypervisorException> _lost = [];

    /// <summary>Opens the page of a host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vms">The VMs of this host that will be asked about.</param>
    /// <param name="keepCapacity">Whether what is free on it stays as it was noted.</param>
    /// <param name="cancellationToken">Gives up all asking.</param>
    /// <returns>What lasts as it is known, and the rest to be asked anew.</returns>
    public HostFacts Open(HostConnection host, IReadOnlyCollection<Guid> vms, bool keepCapacity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        return _hosts.AddOrUpdate(
            host,
            _ => new(host.Address, async ct => await host.GetAsync(ct).ConfigureAwait(false), vms, cancellationToken),
            (_, known) => known.Renew(vms, keepCapacity, cancellationToken));
    }

    /// <summary>Opens a page for each other host that the session is connected to, to be asked what VMs it has now.</summary>
    /// <param name="host">The host that is left out.</param>
    /// <param name="cancellationToken">Gives up all asking.</param>
    /// <returns>The hosts by their names, each once. One that is lost is waited for once.</returns>
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
