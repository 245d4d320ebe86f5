using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>Turns what the user named into migrations: finds the VMs, their sources and their destinations.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="settings">Options, limits and policy for all.</param>
/// <param name="skip">The ids of checks that do not count where a destination is chosen.</param>
internal sealed class MigrationRequestBuilder(HostConnections connections, MigrationSettings settings, IReadOnlyCollection<string>? skip = null)
{
    private readonly VmResolver _vms = new(connections);
    private readonly DestinationResolver _destinations = new(connections, skip);
    private readonly Dictionary<HostConnection, HypervisorException> _failed = [];
    private readonly HashSet<(Guid, HostConnection)> _seen = [];

    /// <summary>Makes the requests for what one selector names. Trouble with one VM concerns that VM only.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="source">The host to look plain names up on; null for the default source.</param>
    /// <param name="destination">The destination; null to find one.</param>
    /// <param name="queue">Takes the errors for VMs that can't be migrated as asked.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The requests.</returns>
    public async Task<IReadOnlyList<MigrationRequest>> BuildAsync(
        VmSelector selector, string? source, string? destination, PipelineQueue queue, CancellationToken cancellationToken)
    {
        var requests = new List<MigrationRequest>();
        foreach (var vm in await queue.TryAsync(ResolveAsync(selector, source, cancellationToken), selector.Target).ConfigureAwait(false) ?? [])
        {
            var request = BuildAsync(vm, selector.Reference as IMigrationProposal, destination, cancellationToken);
            if (await queue.TryAsync(request, vm.Vm).ConfigureAwait(false) is { } built)
            {
                requests.Add(built);
            }
        }

        return requests;
    }

    /// <summary>Makes the migrations of what one selector names to each destination, whether it can go there or not.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="source">The host to look plain names up on; null for the default source.</param>
    /// <param name="destinations">The destinations; empty for all that are possible.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The migrations, one for each VM and destination.</returns>
    /// <exception cref="HypervisorException">A VM is not there, its host can't be asked, or a destination's text is no host's address.</exception>
    /// <exception cref="MigrationException">No destination was named, and none follows.</exception>
    public async Task<IReadOnlyList<MigrationRequest>> CombineAsync(
        VmSelector selector, string? source, IReadOnlyList<string> destinations, CancellationToken cancellationToken)
    {
        var requests = new List<MigrationRequest>();
        foreach (var vm in await ResolveAsync(selector, source, cancellationToken).ConfigureAwait(false))
        {
            var targets = destinations.Count > 0
                ? [.. destinations.Select(connections.Get).Distinct()]
                : _destinations.Candidates(vm.Vm, vm.Host);
            requests.AddRange(targets.Select(target => settings.ToRequest(vm.Vm, vm.Host, target)));
        }

        return requests;
    }

    // A VM that is named twice counts once.
    private async Task<IReadOnlyList<ResolvedVm>> ResolveAsync(VmSelector selector, string? source, CancellationToken cancellationToken) =>
        [.. (await _vms.ResolveAsync(selector, source, cancellationToken).ConfigureAwait(false)).Where(vm => _seen.Add((vm.Vm.Uuid, vm.Host)))];

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

    // A host that can't be reached keeps the first VM waiting, not every VM.
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

/// <summary>A cmdlet that looks at migrations before anything moves: of each VM to each host that it could go to.</summary>
public abstract class MigrationCandidateCmdlet : MigrationOptionCmdlet
{
    private MigrationRequestBuilder _builder = null!;

    /// <summary>The hosts that the VMs could go to. When left out: VIRTMIGRATE_DESTINATION, else all other connected hosts.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string[] Destination { get; set; } = [];

    /// <summary>The migrations, each with what named its VM.</summary>
    private protected List<(VmSelector Selector, MigrationRequest Request)> Migrations { get; } = [];

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _builder = new(Connections, Settle());
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            var requests = Get((queue, cancellationToken) =>
                queue.TryAsync(_builder.CombineAsync(selector, VmHost, Destination, cancellationToken), selector.Target));
            Migrations.AddRange((requests ?? []).Select(request => (selector, request)));
        }
    }

    /// <summary>Takes the options and policy that were given, whether they go together or not.</summary>
    /// <returns>What was given.</returns>
    private protected virtual MigrationSettings Settle() => ReadSettings();
}
