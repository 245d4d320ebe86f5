using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>Turns what the user named into requests: finds the VMs, their sources and their destinations.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="settings">Options, limits and policy for all.</param>
/// <param name="skip">The ids of checks that do not count where a destination is chosen.</param>
internal sealed class MigrationRequestBuilder(HostConnections connections, MigrationSettings settings, IReadOnlyCollection<string> skip)
{
    private readonly VmResolver _vms = new(connections);
    private readonly DestinationResolver _destinations = new(connections, skip);
    private readonly Dictionary<HostConnection, HypervisorException> _failed = [];
    private readonly HashSet<(Guid, HostConnection)> _seen = [];

    /// <summary>Makes the requests for what one selector names. Trouble with one VM concerns that VM only.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="source">The host to look plain names up on; null for the default source.</param>
    /// <param name="destination">The destination; null to find one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The requests, and the errors for VMs that can't be migrated as asked.</returns>
    public async Task<(IReadOnlyList<MigrationRequest> Requests, IReadOnlyList<ErrorRecord> Errors)> BuildAsync(
        VmSelector selector, string? source, string? destination, CancellationToken cancellationToken)
    {
        var requests = new List<MigrationRequest>();
        var errors = new List<ErrorRecord>();
        try
        {
            foreach (var vm in await _vms.ResolveAsync(selector, source, cancellationToken).ConfigureAwait(false))
            {
                // A VM that is named twice moves once.
                if (!_seen.Add((vm.Vm.Uuid, vm.Host)))
                {
                    continue;
                }

                try
                {
                    requests.Add(await BuildAsync(vm, selector.Reference as IMigrationProposal, destination, cancellationToken).ConfigureAwait(false));
                }
                catch (Exception e) when (ErrorRecordFactory.Knows(e))
                {
                    errors.Add(ErrorRecordFactory.Create(e, vm.Vm));
                }
            }
        }
        catch (HypervisorException e)
        {
            errors.Add(ErrorRecordFactory.CreateFor(e, selector));
        }

        return (requests, errors);
    }

    private async Task<MigrationRequest> BuildAsync(
        ResolvedVm vm, IMigrationProposal? proposal, string? destination, CancellationToken cancellationToken)
    {
        await RefuseLeftoverAsync(vm, destination, cancellationToken).ConfigureAwait(false);
        var wanted = settings.Over(proposal);
        _ = EffectiveOptions.ForVm(wanted.Options, vm.Vm);
        var target = destination is null
            ? await _destinations.ResolveAsync(vm.Vm, vm.Host, wanted, cancellationToken).ConfigureAwait(false)
            : connections.Get(destination);
        await OpenAsync(target, cancellationToken).ConfigureAwait(false);
        return wanted.ToRequest(vm.Vm, vm.Host, target) with
        {
            Effective = MigrationPlanner.Settle(wanted, vm.Vm, vm.Vm.VmHost, target.Host!),
            Readiness = proposal as VmMigrationReadiness,
            Estimate = proposal as VmMigrationEstimate,
        };
    }

    // What a VM leaves behind where it moved away looks like a VM that is shut off.
    private async Task RefuseLeftoverAsync(ResolvedVm vm, string? destination, CancellationToken cancellationToken)
    {
        if (vm.Vm.IsActive)
        {
            return;
        }

        if (await _vms.Names.FindActiveAsync(vm.Vm, vm.Host, cancellationToken).ConfigureAwait(false) is { } active)
        {
            var target = destination is null ? null : connections.Get(destination);
            throw VmFailures.IsLeftover(vm.Vm, active, target?.Address.Uri,
                isThere: string.Equals(target?.Host?.Name, active.VmHost.Name, StringComparison.OrdinalIgnoreCase));
        }
    }

    // A host that can't be reached costs the first VM its patience, not every VM.
    private async Task OpenAsync(HostConnection host, CancellationToken cancellationToken)
    {
        if (_failed.TryGetValue(host, out var known))
        {
            throw known;
        }

        try
        {
            await host.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorException e)
        {
            _failed[host] = e;
            throw;
        }
    }
}
