using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Migration;

/// <summary>Lets a number of migrations run at once and the others wait for their turn.</summary>
internal sealed class MigrationQueue
{
    private readonly MigrationRegistry _registry;
    private readonly Func<MigrationRequest, CancellationToken, Task<ReadinessAdmission>> _check;
    private readonly MigrationThrottle _throttle;

    /// <summary>Makes a queue that nothing waits in yet.</summary>
    /// <param name="registry">The session's migrations.</param>
    /// <param name="throttleLimit">How many may run at once, at least 1.</param>
    /// <param name="check">Checks a VM before it begins (<see cref="ReadinessGate.EnterAsync"/>).</param>
    public MigrationQueue(MigrationRegistry registry, int throttleLimit, Func<MigrationRequest, CancellationToken, Task<ReadinessAdmission>> check)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(throttleLimit, 1);
        (_registry, _check, _throttle) = (registry, check, new(throttleLimit, registry.Time));
    }

    /// <summary>Waits for a turn, asks both hosts, moves the VM and verifies.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="progress">Hears how it goes; called from any thread.</param>
    /// <param name="cancellationToken">Leaves the queue, or aborts the migration.</param>
    /// <param name="begin">Leaves the queue, and leaves a migration alone that has begun.</param>
    /// <returns>What became of the VM.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled before it began.</exception>
    /// <exception cref="MigrationException">It can't be made as asked; nothing has moved.</exception>
    /// <exception cref="HypervisorException">A host could not be asked; nothing has moved.</exception>
    public async Task<MigrationReport> RunAsync(
        MigrationRequest request, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken, CancellationToken begin = default)
    {
        using var entry = _registry.Enter(request, progress);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, entry.Ending);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, begin);
        entry.Report(entry.Progress);

        // When the call returns, the migration is in the registry and in its place in the queue; the work is other threads'.
        await _throttle.EnterAsync(waiting.Token).ConfigureAwait(false);
        try
        {
            waiting.Token.ThrowIfCancellationRequested();
            entry.Report(new() { Vm = request.Vm.Name, Phase = MigrationPhase.Checking });
            var plan = await MigrationPlanner.PlanAsync(request, waiting.Token).ConfigureAwait(false);

            // Hours may lie between the command and its turn: what is checked is what is about to be done.
            using var admission = await _check(request with { Vm = plan.Vm, Effective = plan.Effective }, waiting.Token).ConfigureAwait(false);
            var report = await MigrationDriver.RunAsync(plan, entry, _registry.Time, stopping.Token).ConfigureAwait(false);
            _registry.History.Add(report.Result);
            admission.HasArrived = report.Result.Outcome != MigrationOutcome.RolledBack;
            return entry.End(report with { Result = report.Result with { Warnings = (string[])[.. admission.Warnings, .. report.Result.Warnings] } });
        }
        finally
        {
            _throttle.Exit();
        }
    }
}

/// <summary>
/// Lets a number of migrations run at once and the others wait in the order in which they came. Who waited goes on from a timer, never on the
/// stack of who let it: on the thread pool, or as the next item of a simulated clock (a SemaphoreSlim knows the thread pool alone).
/// </summary>
/// <param name="limit">How many may run at once, at least 1.</param>
/// <param name="time">What tells the time, and has the timers.</param>
internal sealed class MigrationThrottle(int limit, TimeProvider time)
{
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private int _free = limit;

    /// <summary>Waits until another may run. Its place in the queue is taken when the method returns.</summary>
    /// <param name="cancellationToken">Leaves the queue.</param>
    /// <returns>A task that ends when it may; <see cref="Exit"/> has to follow then, and only then.</returns>
    /// <exception cref="OperationCanceledException">It has left the queue.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        var place = TakePlace();
        using (cancellationToken.UnsafeRegister(static (p, token) => ((TaskCompletionSource)p!).TrySetCanceled(token), place))
        {
            await place.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await time.YieldAsync().ConfigureAwait(false);
        await place.Task.ConfigureAwait(false);
    }

    /// <summary>Lets the next one run, now that one has ended.</summary>
    public void Exit()
    {
        lock (_waiting)
        {
            while (_waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    private TaskCompletionSource TakePlace()
    {
        var place = new TaskCompletionSource();
        lock (_waiting)
        {
            if (_free == 0)
            {
                _waiting.Enqueue(place);
                return place;
            }

            _free--;
        }

        place.SetResult();
        return place;
    }
}

/// <summary>What waits for nothing but its turn among a time provider's timers.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>Goes on from a timer, as <see cref="Task.Yield"/> does on the thread pool.</summary>
    /// <param name="time">What has the timers.</param>
    /// <returns>A task that never ends on the caller's stack.</returns>
    public static async Task YieldAsync(this TimeProvider time)
    {
        var elapsed = new TaskCompletionSource();
        using var timer = time.CreateTimer(static e => ((TaskCompletionSource)e!).SetResult(), elapsed, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await elapsed.Task.ConfigureAwait(false);
    }
}
