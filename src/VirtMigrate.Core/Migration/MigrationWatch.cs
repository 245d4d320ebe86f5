using System.Diagnostics;
using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Follows a migration by libvirt's accounts of it, until it has ended.</summary>
/// <param name="plan">The migration.</param>
/// <param name="progress">Where to report.</param>
internal sealed class MigrationWatch(MigrationPlan plan, IProgress<MigrationProgress>? progress)
{
    // Small VMs are through within a second; longer moves need no closer look.
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(500);

    private readonly ProgressTracker _tracker = new(plan.Vm.Name);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TaskCompletionSource _destinationLost = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The last account that was read.</summary>
    public JobStatistics? Last { get; private set; }

    /// <summary>Whether the migration is being aborted.</summary>
    public bool IsAborting { get; set; }

    /// <summary>
    /// Ends when the destination's daemon is lost to a migration that this side drives: it can't be finished any more, but
    /// the two QEMUs would go on until all memory has moved, or for ever.
    /// </summary>
    public Task DestinationLost => _destinationLost.Task;

    /// <summary>Reports a step.</summary>
    /// <param name="phase">The phase that was entered.</param>
    /// <param name="isCompleted">Whether the VM has moved.</param>
    public void Enter(MigrationPhase phase, bool isCompleted = false) =>
        progress?.Report(_tracker.Enter(phase, _clock.Elapsed, isCompleted));

    /// <summary>Follows the migration.</summary>
    /// <param name="migration">The migration.</param>
    /// <returns>A task that ends with the migration.</returns>
    public async Task RunAsync(Task migration)
    {
        Enter(MigrationPhase.Preparing);
        using var ended = new CancellationTokenSource();
        _ = migration.ContinueWith(_ => ended.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        for (var interval = FirstInterval; !migration.IsCompleted; interval = interval * 2 > LongestInterval ? LongestInterval : interval * 2)
        {
            try
            {
                await Task.Delay(interval, ended.Token).ConfigureAwait(false);
                if (!plan.Options.Has(MigrationOptions.PeerToPeer) && !plan.Destination.IsAlive)
                {
                    _destinationLost.TrySetResult();
                }

                var hypervisor = await plan.Source.GetAsync(ended.Token).ConfigureAwait(false);
                var reading = await hypervisor.GetJobAsync(plan.Vm.Uuid, ended.Token).ConfigureAwait(false);
                if (reading.Statistics is { IsMigration: true } statistics)
                {
                    Last = statistics;
                    progress?.Report(_tracker.Update(statistics, Phase(statistics)));
                }
            }
            catch (OperationCanceledException)
            {
                // It has ended.
            }
            catch (HypervisorException)
            {
                // A look that fails is no news of the migration; the call itself tells how it ends.
            }
        }
    }

    private MigrationPhase Phase(JobStatistics statistics) =>
        IsAborting ? MigrationPhase.Aborting :
        statistics.PostCopyRequests > 0 ? MigrationPhase.PostCopy :
        statistics.DataProcessed > 0 ? MigrationPhase.Copying :
        MigrationPhase.Preparing;
}
