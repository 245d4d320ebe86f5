using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Jobs;
using VirtMigrate.Model;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Ends migrations, whoever started them, and returns when each VM has been seen on its source again.
/// <para>Follows <c>virsh domjobabort</c> (virDomainAbortJob). A VM in post-copy can't be taken back.</para>
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "VmMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class StopVmMigrationCommand : MigrationJobCmdlet
{
    private readonly List<VmSelector> _selectors = [];

    /// <inheritdoc/>
    protected override void ProcessRecord() => _selectors.AddRange(Vm);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var hosts = VmHost is null ? null : FindConnections(VmHost);
        IReadOnlyList<VmMigrationJobInfo> jobs = [];
        Run(async (queue, cancellationToken) =>
            jobs = await new MigrationJobFinder(Session, hosts, queue.WriteError).FindAsync(_selectors, cancellationToken).ConfigureAwait(false));

        var chosen = jobs.Where(j => ShouldProcess($"VM '{j.Vm}' on '{j.Source?.Name}'", "Stop the migration and stay there")).ToList();
        Run((queue, cancellationToken) => Task.WhenAll(chosen.Select(job => StopAsync(job, queue, cancellationToken))));
    }

    private async Task StopAsync(VmMigrationJobInfo job, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            queue.WriteObject(await new MigrationJobControl(Session).StopAsync(job, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.Create(e, job));
        }
    }
}
