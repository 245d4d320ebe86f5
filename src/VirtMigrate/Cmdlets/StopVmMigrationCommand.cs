using System.Management.Automation;
using VirtMigrate.Errors;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Stops migrations, whoever started them, and returns when each VM has been seen on its source again.
/// <para>
/// Follows <c>virsh domjobabort</c> (virDomainAbortJob). A VM in post-copy can't return to its source. With -Force its migration is
/// stopped nevertheless (<c>domjobabort --postcopy</c>); the guest halts when it needs memory that has not arrived, until Resume-VmMigration.
/// </para>
/// </summary>
[Cmdlet(VerbsLifecycle.Stop, "VmMigration", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class StopVmMigrationCommand : MigrationJobCmdlet
{
    /// <summary>Also stops a migration in post-copy, which may lose the guest. Asks first, unless -Confirm:$false is given.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var jobs = FindJobs(Selectors);
        IReadOnlySet<Guid> split = Force
            ? Get((_, cancellationToken) => FindPostCopyAsync(jobs, cancellationToken))
            : new HashSet<Guid>();
        var question = new RiskQuestion(this, "Stop a migration in post-copy");
        var chosen = jobs.Where(j => split.Contains(j.Uuid)
            ? question.Ask($"Stop the post-copy of VM '{j.Vm}' on '{j.Source?.Name}'", DescribeRisk(j), j)
            : ShouldProcess($"VM '{j.Vm}' on '{j.Source?.Name}'", "Stop the migration; the VM stays there")).ToList();
        Run((queue, cancellationToken) => Task.WhenAll(chosen.Select(job =>
            queue.WriteAsync(StopAsync(job, split.Contains(job.Uuid), cancellationToken), job))));
    }

    private static string DescribeRisk(VmMigrationJobInfo job) =>
        $"VM '{job.Vm}' is in post-copy: its memory is split between '{job.Source?.Name}' and '{job.Destination?.Name ?? "its destination"}'. " +
        "If you stop it now, the guest halts when it needs memory that has not arrived, until Resume-VmMigration. " +
        "If either host fails before that, its memory is lost.";

    private async Task<IReadOnlySet<Guid>> FindPostCopyAsync(IReadOnlyList<VmMigrationJobInfo> jobs, CancellationToken cancellationToken)
    {
        var looks = await Task.WhenAll(jobs.Select(async j =>
        {
            try
            {
                return (j.Uuid, IsSplit: await IsPostCopyAsync(j, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (ErrorRecordFactory.Knows(e))
            {
                // The attempt to stop it will say so.
                return (j.Uuid, IsSplit: false);
            }
        })).ConfigureAwait(false);
        return looks.Where(l => l.IsSplit).Select(l => l.Uuid).ToHashSet();
    }

    // What this session runs itself is stopped through its job, which knows more than the hosts tell: that it waits to begin, and that its
    // user stopped it. One that enters post-copy after the question is refused: nobody has been asked about it.
    private async Task<VmMigrationJobInfo> StopAsync(VmMigrationJobInfo job, bool mayBreak, CancellationToken cancellationToken)
    {
        if (Session.Jobs.Find(job.Uuid) is not { } own || await IsPostCopyAsync(job, cancellationToken).ConfigureAwait(false))
        {
            return mayBreak
                ? await Controller.BreakAsync(job, cancellationToken).ConfigureAwait(false)
                : await Controller.StopAsync(job, cancellationToken).ConfigureAwait(false);
        }

        await Task.Run(own.StopJob, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        return own.Result is { Verification: var verdict } ? await Monitor.ConcludeAsync(job, verdict, cancellationToken).ConfigureAwait(false)
            : job.Status == MigrationJobStatus.Queued
                ? job with { Status = MigrationJobStatus.Failed, Phase = MigrationPhase.Ended, Error = "It was stopped before it began." }
            : await Monitor.WaitAsync(job, progress: null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> IsPostCopyAsync(VmMigrationJobInfo job, CancellationToken cancellationToken) =>
        job.Status != MigrationJobStatus.Queued &&
        await Monitor.RefreshAsync(job, cancellationToken).ConfigureAwait(false) is { Status: MigrationJobStatus.Running, Phase: MigrationPhase.PostCopy };
}
