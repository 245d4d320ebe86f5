using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Asks both hosts of a migration what has become of the VM: where it runs, in which state, and where it is defined.
/// <para>Does what people do with <c>virsh list --all</c> on both hosts after <c>virsh migrate</c>.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "VmMigrationResult")]
[OutputType(typeof(VmMigrationVerification), typeof(bool))]
public sealed class TestVmMigrationResultCommand : VmCmdlet
{
    /// <summary>The host that the VM was to reach. When left out, as with Start-VmMigration.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? Destination { get; set; }

    /// <summary>Returns only whether the VM is on the destination, and only there.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            var verifications = Get((queue, cancellationToken) => queue.TryAsync(VerifyAsync(selector, cancellationToken), selector.Target));
            foreach (var verification in verifications ?? [])
            {
                WriteObject(Quiet ? verification.IsVerified : verification);
            }
        }
    }

    // One VM that can't be verified ends what its selector names.
    private async Task<IReadOnlyList<VmMigrationVerification>> VerifyAsync(VmSelector selector, CancellationToken cancellationToken)
    {
        var ends = MigrationEnds.Of(selector.Reference);
        var from = (VmHost ?? ends.Source?.Uri ?? selector.VmHost) is { } source ? Connections.Get(source) : Connections.Get(HostAddresses.DefaultSource);
        var to = (Destination ?? ends.Destination?.Uri) is { } destination ? Connections.Get(destination) : null;

        // An object knows its VM's UUID; a name has to be looked up, and the VM may be on either host by now.
        var vms = selector is { Reference: { } known }
            ? [(known.Uuid, known.GetVmName())]
            : await LookUpAsync(selector, from, to, cancellationToken).ConfigureAwait(false);
        var results = new List<VmMigrationVerification>();
        foreach (var (uuid, name) in vms)
        {
            to ??= await MigrationEnds.FindDestinationAsync(Connections, from, uuid, name, cancellationToken).ConfigureAwait(false);
            if (ReferenceEquals(from, to) && from.Host is { } host)
            {
                throw RequestFailures.SameHost(name, host, host, $"the URI {host.Uri}");
            }

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

        var found = await new VmResolver(Connections)
            .ChooseAsync(selector, query, candidates, [.. Enumerable.Reverse(hosts)], unseen, cancellationToken).ConfigureAwait(false);
        return found.Count == 0 && unseen is not null
            ? throw unseen
            : [.. found.DistinctBy(vm => vm.Uuid).Select(vm => (vm.Uuid, vm.Name))];
    }
}
