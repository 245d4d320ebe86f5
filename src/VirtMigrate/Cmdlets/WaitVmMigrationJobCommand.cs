using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Progress;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Waits until migrations have ended, whoever started them, and shows their progress.
/// <para>Ctrl+C and a timeout end only the wait; the migrations go on.</para>
/// </summary>
[Cmdlet(VerbsLifecycle.Wait, "VmMigrationJob")]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class WaitVmMigrationJobCommand : MigrationJobCmdlet
{
    /// <summary>How many seconds to wait at most, for all of them together.</summary>
    [Parameter]
    [Alias("TimeoutSec")]
    [ValidateRange(0, int.MaxValue / 1000)]
    public int Timeout { get; set; } = -1;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var jobs = FindJobs(Selectors);
        Run(async (queue, cancellationToken) =>
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            deadline.CancelAfter(Timeout < 0 ? System.Threading.Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Timeout));
            await Task.WhenAll(jobs.Select(job => WaitAsync(job, queue, deadline.Token))).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        });
    }

    private async Task WaitAsync(VmMigrationJobInfo job, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            var activity = MigrationProgressWriter.Describe(job);
            VmMigrationJobInfo ended;
            using (var progress = new MigrationProgressWriter(activity, parent: null, queue.WriteProgress))
            {
                ended = await Monitor.WaitAsync(job, progress, cancellationToken).ConfigureAwait(false);
            }

            queue.WriteObject(ended);
        }
        catch (OperationCanceledException)
        {
            queue.WriteError(ErrorRecordFactory.NotFinished(job, Timeout));
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.Create(e, job));
        }
    }
}
