using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Asks both hosts of a migration what has become of the VM: where it runs, in which state, and where it is defined.
/// <para>Does what people do with <c>virsh list --all</c> on both hosts after <c>virsh migrate</c>.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "VmMigrationResult")]
[OutputType(typeof(VmMigrationVerification), typeof(bool))]
public sealed class TestVmMigrationResultCommand : SessionCmdlet
{
    /// <summary>The VMs: results or jobs, which name both hosts, or names with wildcards, UUIDs and other objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Result")]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>The host that the VM was to leave. The default source when neither this nor the object tells.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? VmHost { get; set; }

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
            Run((queue, cancellationToken) => TestAsync(selector, queue, cancellationToken));
        }
    }

    private async Task TestAsync(VmSelector selector, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            var verifier = new ResultVerifier(Connections, VmHost, Destination);
            foreach (var verification in await verifier.VerifyAsync(selector, cancellationToken).ConfigureAwait(false))
            {
                queue.WriteObject(Quiet ? verification.IsVerified : verification);
            }
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.CreateFor(e, selector));
        }
    }
}
