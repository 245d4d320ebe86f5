using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Gets the hosts that this session is connected to.
/// <para>
/// Shows what each host said of itself when it was connected (<c>virsh version</c>, <c>virsh nodeinfo</c>) and whether the
/// connection stands now. Asks no host.
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
        foreach (var text in VmHost ?? ["*"])
        {
            var found = VmHostPattern.Find(Connections, text);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(text))
            {
                WriteError(ErrorRecordFactory.HostNotConnected(text));
            }

            foreach (var connection in found)
            {
                WriteObject(connection.Host);
            }
        }
    }
}
