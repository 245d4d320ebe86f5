using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Follows a migration by libvirt's accounts and events of it, until it has ended. The begin of each pass over the guest's memory
/// leads to a sample and to the policy's decision; looks in between to progress only.
/// </summary>
/// <param name="plan">The migration.</param>
/// <param name="recorder">Takes what is seen.</param>
/// <param name="steering">Decides.</param>
internal sealed class MigrationWatch(MigrationPlan plan, MigrationRecorder recorder, MigrationSteering steering) : IDisposable
{
    // Small VMs are through within a second; longer moves need no closer look.
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMilliseconds(500);

    // When the source is done, libvirt puts both hosts in order within moments, unless the destination hangs.
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(30);

    private readonly MigrationEvents _events = new(plan.Vm.Uuid);
    private readonly TaskCompletionSource _destinationLost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _overdue = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _mayPostCopy = plan.Options.Has(MigrationOptions.PostCopy);
    private long _pass;
    private volatile bool _isAborting;
    private VmStatus _status;
    private long? _endedSince;

    /// <summary>The last account that was read.</summary>
    public JobStatistics? Last { get; private set; }

    /// <summary>Whether the guest runs at the destination while the rest of its memory follows. It can't be taken back then.</summary>
    public bool IsPostCopy => _events.IsPostCopy || (_status.IsPostCopy && !_events.IsPostCopyFailed);

    /// <summary>The moment at which the last pass began (Stopwatch.GetTimestamp); null where no event told of one.</summary>
    public long? LastPass => _events.LastPass;

    /// <summary>
    /// Ends when the destination's daemon is lost to a migration that this side drives: it can't be finished any more, but
    /// the two QEMUs would go on until all memory has moved, or for ever.
    /// </summary>
    public Task DestinationLost => _destinationLost.Task;

    /// <summary>
    /// Ends when the source has been done with the migration for half a minute, and the call is still not back. A destination whose QEMU
    /// hangs, such as one that lost one of its several connections, keeps libvirt waiting for ever.
    /// </summary>
    public Task Overdue => _overdue.Task;

    /// <summary>Follows the migration.</summary>
    /// <param name="migration">The migration.</param>
    /// <returns>A task that ends with the migration.</returns>
    public async Task RunAsync(Task migration)
    {
        recorder.Enter(MigrationPhase.Preparing);
        using var ended = new CancellationTokenSource();
        _ = migration.ContinueWith(_ => ended.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        for (var interval = TimeSpan.Zero; !migration.IsCompleted; interval = Longer(interval))
        {
            try
            {
                await _events.WaitAsync(interval, ended.Token).ConfigureAwait(false);
                if (!plan.Options.Has(MigrationOptions.PeerToPeer) && !plan.Source.MigrationOutlivesClient && !plan.Destination.IsAlive)
                {
                    _destinationLost.TrySetResult();
                }

                var hypervisor = await plan.Source.GetAsync(ended.Token).ConfigureAwait(false);
                await _events.ListenToAsync(hypervisor, ended.Token).ConfigureAwait(false);
                await LookAsync(hypervisor, ended.Token).ConfigureAwait(false);
                await steering.TickAsync().ConfigureAwait(false);
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

    /// <summary>Takes note that the migration is to be aborted.</summary>
    public void EnterAborting()
    {
        _isAborting = true;
        recorder.Enter(IsPostCopy ? MigrationPhase.PostCopy : MigrationPhase.Aborting);
    }

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    private static TimeSpan Longer(TimeSpan interval) =>
        interval == TimeSpan.Zero ? FirstInterval : interval * 2 > LongestInterval ? LongestInterval : interval * 2;

    private async Task LookAsync(IHypervisor hypervisor, CancellationToken cancellationToken)
    {
        // Where no event came, the VM's own state tells of post-copy.
        if (_mayPostCopy && !IsPostCopy)
        {
            _status = (await hypervisor.FindVmAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false))?.Status ?? default;
        }

        steering.See(IsPostCopy, _events.IsStopped);
        var reading = await hypervisor.GetJobAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
        NoteEnd(reading);
        if (reading.Statistics is not { IsMigration: true } statistics)
        {
            return;
        }

        Last = statistics;
        var progress = recorder.Update(statistics, Phase(statistics), steering.MaxDowntime, _events.IsStopped || steering.IsSuspended);
        var sample = MigrationSample.Of(statistics, recorder.Elapsed, progress.Rate) with { ImpliedDowntime = progress.ImpliedDowntime };
        if (sample.Iteration > _pass)
        {
            _pass = sample.Iteration.Value;
            recorder.Add(sample);
            await steering.DecideAsync(sample).ConfigureAwait(false);
        }
        else
        {
            steering.Observe(sample);
        }
    }

    // Where the source's daemon drives the migration, its account stays and says that it failed; else it is gone.
    private void NoteEnd(JobReading reading)
    {
        var hasEnded = reading.Statistics is { IsMigration: true } statistics ? statistics.IsFailed : Last is not null && !reading.IsHidden;
        _endedSince = hasEnded ? _endedSince ?? Environment.TickCount64 : null;
        if (_endedSince is { } since && Environment.TickCount64 - since > EndPatience.TotalMilliseconds)
        {
            _overdue.TrySetResult();
        }
    }

    private MigrationPhase Phase(JobStatistics statistics) =>
        IsPostCopy ? MigrationPhase.PostCopy :
        _isAborting ? MigrationPhase.Aborting :
        statistics.DataProcessed > 0 ? MigrationPhase.Copying :
        MigrationPhase.Preparing;
}
