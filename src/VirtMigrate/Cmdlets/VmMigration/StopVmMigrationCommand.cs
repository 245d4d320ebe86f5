using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Jobs;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Ends migrations, whoever started them, and returns when each VM has been seen on its source again.
/// <para>
/// Follows <c>virsh domjobabort</c> (virDomainAbortJob). A VM in post-copy can't be taken back. With -Force its migration is
/// stopped none the less (<c>domjobabort --postcopy</c>), and both halves stand still until Resume-VmMigration.
/// </para>
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "VmMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class StopVmMigrationCommand : MigrationJobCmdlet
{
    private readonly List<VmSelector> _selectors = [];

    /// <summary>Also stops a migration that is in post-copy, which may lose the guest. Asks first, unless -Confirm:$false is given.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _selectors.AddRange(Vm);

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var jobs = FindJobs(_selectors);
        IReadOnlySet<Guid> split = Force
            ? Run(cancellationToken => FindPostCopyAsync(jobs, cancellationToken))
            : new HashSet<Guid>();
        var question = new RiskQuestion(this, "Stop a migration in post-copy");
        var chosen = jobs.Where(j => split.Contains(j.Uuid)
            ? question.Ask(j.Vm, $"Stop the post-copy of VM '{j.Vm}' on '{j.Source?.Name}'", DescribeRisk(j), j)
            : ShouldProcess($"VM '{j.Vm}' on '{j.Source?.Name}'", "Stop the migration and stay there")).ToList();
        Run((queue, cancellationToken) => Task.WhenAll(chosen.Select(job => StopAsync(job, split.Contains(job.Uuid), queue, cancellationToken))));
    }

    private static string DescribeRisk(VmMigrationJobInfo job) =>
        $"VM '{job.Vm}' is in post-copy: its memory is split between '{job.Source?.Name}' and '{job.Destination?.Name ?? "its destination"}'. " +
        "Stopped now, the guest stands still until Resume-VmMigration. If either host fails before that, its memory is lost.";

    private async Task<IReadOnlySet<Guid>> FindPostCopyAsync(IReadOnlyList<VmMigrationJobInfo> jobs, CancellationToken cancellationToken)
    {
        var control = new MigrationJobControl(Session);
        var looks = await Task.WhenAll(jobs.Select(async j =>
        {
            try
            {
                return (j.Uuid, IsSplit: await control.IsPostCopyAsync(j, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (ErrorRecordFactory.Knows(e))
            {
                // The attempt to stop it will say so.
                return (j.Uuid, IsSplit: false);
            }
        })).ConfigureAwait(false);
        return looks.Where(l => l.IsSplit).Select(l => l.Uuid).ToHashSet();
    }

    // One that enters post-copy after the question is refused: nobody has been asked about it.
    private async Task StopAsync(VmMigrationJobInfo job, bool mayBreak, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            queue.WriteObject(await new MigrationJobControl(Session).StopAsync(job, mayBreak, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.Create(e, job));
        }
    }
}
