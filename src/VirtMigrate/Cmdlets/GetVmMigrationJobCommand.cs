using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Jobs;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Gets the migrations on the connected hosts, whoever started them: those under way, those queued in this session, and the
/// last one of each VM.
/// <para>Follows <c>virsh domjobinfo</c>, for all VMs at once (virDomainGetJobStats).</para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "VmMigrationJob")]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class GetVmMigrationJobCommand : SessionCmdlet
{
    private readonly List<VmSelector> _selectors = [];

    /// <summary>Only the migrations of these VMs: names with wildcards, UUIDs or objects.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[]? Vm { get; set; }

    /// <summary>The hosts to ask. All connected hosts when left out.</summary>
    [Parameter]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(VmHostCompleter))]
    public string[]? VmHost { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _selectors.AddRange(Vm ?? []);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_selectors.Count == 0 && MyInvocation.ExpectingInput)
        {
            return;
        }

        var hosts = VmHost is null ? null : FindConnections(VmHost);
        Run(async (queue, cancellationToken) =>
        {
            var finder = new MigrationJobFinder(Session, hosts, queue.WriteError);
            queue.WriteObject(_selectors.Count == 0
                ? await finder.ListAsync([], cancellationToken).ConfigureAwait(false)
                : await finder.ShowAsync(_selectors, cancellationToken).ConfigureAwait(false));
        });
    }
}
