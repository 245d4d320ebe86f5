using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Closes connections to libvirt hosts.
/// <para>The VMs stay as they are (virConnectClose). A host that this session's migrations use stays connected.</para>
/// </summary>
[Cmdlet(VerbsCommunications.Disconnect, "VmHost", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
public sealed class DisconnectVmHostCommand : SessionCmdlet
{
    /// <summary>Names or URIs of connected hosts, with wildcards, or VmHost objects.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Uri")]
    [SupportsWildcards]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[] VmHost { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var connection in FindConnected(VmHost))
        {
            if (FindMigration(connection) is { } vm)
            {
                WriteError(ErrorRecordFactory.HostInUse(connection.Host!, vm));
            }
            else if (ShouldProcess($"'{connection.Host}' ({connection.Address})", "Disconnect"))
            {
                Run((_, _) => Connections.CloseAsync(connection));
            }
        }
    }
}
