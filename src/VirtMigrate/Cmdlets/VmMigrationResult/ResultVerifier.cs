using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>Finds both hosts of a migration and asks them what has become of the VM.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="source">The host that the VM was to leave; null where the object or the default tells.</param>
/// <param name="destination">The host that the VM was to reach; null where the object or the session tells.</param>
internal sealed class ResultVerifier(HostConnections connections, string? source, string? destination)
{
    /// <summary>Verifies what one selector names.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What both hosts say, for each VM.</returns>
    /// <exception cref="VmNotFoundException">Neither host knows the VM.</exception>
    /// <exception cref="HypervisorException">A host can't be asked, and the other one does not know the VM.</exception>
    public async Task<IReadOnlyList<VmMigrationVerification>> VerifyAsync(VmSelector selector, CancellationToken cancellationToken)
    {
        var ends = MigrationEnds.Of(selector.Reference);
        var from = (source ?? ends.Source?.Uri ?? selector.VmHost) is { } text
            ? connections.Get(text)
            : connections.Get(HostAddresses.DefaultSource);
        var to = (destination ?? ends.Destination?.Uri) is { } other ? connections.Get(other) : null;

        // An object knows its VM's UUID; a name has to be looked up, and the VM may be on either host by now.
        var vms = selector is { Reference: { } known }
            ? [(known.Uuid, known.GetVmName())]
            : await LookUpAsync(selector, from, to, cancellationToken).ConfigureAwait(false);
        var results = new List<VmMigrationVerification>();
        foreach (var (uuid, name) in vms)
        {
            to ??= await FindDestinationAsync(uuid, name, from, cancellationToken).ConfigureAwait(false);
            RefuseSameHost(from, to, name);
            results.Add(await MigrationVerifier.VerifyAsync(uuid, name, from, to, ends.HasMovedOffline, cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    private async Task<IReadOnlyList<(Guid Uuid, string Name)>> LookUpAsync(
        VmSelector selector, HostConnection from, HostConnection? to, CancellationToken cancellationToken)
    {
        var query = selector.ToQuery();
        HostConnection[] hosts = [.. new[] { from, to }.OfType<HostConnection>()];
        var candidates = new List<Vm>();
        HypervisorException? unseen = null;
        foreach (var host in hosts)
        {
            try
            {
                candidates.AddRange(await query.ReadAsync(host, cancellationToken).ConfigureAwait(false));
            }
            catch (HypervisorException e)
            {
                // What the other host knows is worth being told just then; the verification says that this one was not seen.
                unseen ??= e;
            }
        }

        var found = await new VmResolver(connections)
            .ChooseAsync(selector, query, candidates, [.. Enumerable.Reverse(hosts)], unseen, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 && unseen is not null
            ? throw unseen
            : [.. found.DistinctBy(vm => vm.Uuid).Select(vm => (vm.Uuid, vm.Name))];
    }

    private static void RefuseSameHost(HostConnection from, HostConnection to, string vm)
    {
        if (ReferenceEquals(from, to) && from.Host is { } host)
        {
            throw RequestFailures.SameHost(vm, host, host, $"the URI {host.Uri}");
        }
    }

    private async Task<HostConnection> FindDestinationAsync(Guid uuid, string name, HostConnection from, CancellationToken cancellationToken)
    {
        var vm = await from.ReadAsync(h => h.FindVmAsync(uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        return vm is null
            ? throw RequestFailures.NoDestination(name, $"'{from.Host}' does not know the VM.")
            : await new DestinationResolver(connections).ResolveAsync(vm, from, MigrationSettings.None, cancellationToken).ConfigureAwait(false);
    }
}
