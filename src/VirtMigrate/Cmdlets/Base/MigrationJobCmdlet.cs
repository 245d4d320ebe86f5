using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>A cmdlet that acts on migrations under way, whoever started them.</summary>
public abstract class MigrationJobCmdlet : SessionCmdlet
{
    /// <summary>The migrations: objects from Get-VmMigrationJob or Start-VmMigration -AsJob, or VMs by name, wildcard, UUID or object.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>The hosts to ask. All connected hosts when left out.</summary>
    [Parameter]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[]? VmHost { get; set; }
}
