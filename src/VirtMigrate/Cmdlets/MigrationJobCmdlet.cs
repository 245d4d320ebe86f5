using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>A cmdlet that acts on migrations under way, whoever started them.</summary>
public abstract class MigrationJobCmdlet : SessionCmdlet
{
    private MigrationJobMonitor? _monitor;

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

    /// <summary>Sees and follows migrations.</summary>
    private protected MigrationJobMonitor Monitor => _monitor ??= new(Session.Connections, Session.Registry);

    /// <summary>Changes and ends migrations.</summary>
    private protected MigrationJobSteering Controller => new(Session.Connections, Monitor);

    /// <summary>Finds the migrations that selectors name, and reports what can't be found.</summary>
    /// <param name="selectors">The selectors.</param>
    /// <returns>The migrations, each once.</returns>
    private protected IReadOnlyList<VmMigrationJobInfo> FindJobs(IReadOnlyCollection<VmSelector> selectors)
    {
        var hosts = VmHost is null ? null : FindConnections(VmHost);
        return Get((queue, cancellationToken) => new MigrationJobFinder(Session, hosts, queue.WriteError).FindAsync(selectors, cancellationToken));
    }
}
