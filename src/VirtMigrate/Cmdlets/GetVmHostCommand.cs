using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Gets the hosts that this session is connected to.
/// <para>
/// Shows what each host reported when it was connected (<c>virsh version</c>, <c>virsh nodeinfo</c>) and whether the
/// connection is up now. Asks no host.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "VmHost")]
[OutputType(typeof(VmHost))]
public sealed class GetVmHostCommand : SessionCmdlet
{
    /// <summary>Names or URIs, with wildcards. All connected hosts when left out.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Name", "Uri")]
    [SupportsWildcards]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[]? VmHost { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var connection in FindConnected(VmHost ?? ["*"]))
        {
            WriteObject(connection.Host);
        }
    }
}
