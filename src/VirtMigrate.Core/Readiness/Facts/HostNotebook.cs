using System.Collections.Concurrent;
using VirtMigrate.Hypervisor;

namespace VirtMigrate.Readiness.Facts;

/// <summary>What is known of the hosts of one command, so that what lasts is asked once for all of its VMs.</summary>
public sealed class HostNotebook
{
    private readonly ConcurrentDictionary<HostConnection, HostFacts> _hosts = [];

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
}
