using System.Diagnostics;
using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Failures;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Carries out a plan: move, watch, end it when asked, and verify on both hosts what has become of the VM.</summary>
public static class MigrationRunner
{
    // An abort takes the source's QEMU a moment; a daemon that does not come back within this time is reported as unknown.
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OverduePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EventPatience = TimeSpan.FromSeconds(2);

    // A timer counts no further.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(49);

    /// <summary>Carries out a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Hears how it goes; called from any thread.</param>
    /// <param name="cancellationToken">Aborts the migration; the task still ends only when the VM has been looked up.</param>
    /// <returns>What became of the VM, and why it did not move.</returns>
    public static async Task<MigrationReport> RunAsync(
        MigrationPlan plan, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var begun = DateTimeOffset.Now;
        var recorder = new MigrationRecorder(plan.Vm.Name, progress, plan.Estimate);
        var steps = new MigrationSteps(plan);
        var steering = new MigrationSteering(plan, steps, recorder);
        using var watch = new MigrationWatch(plan, recorder, steering);
        using var witness = await MigrationWitness.ListenAsync(plan, cancellationToken).ConfigureAwait(false);
        if (plan.IsLive)
        {
            await steps.BeginAsync(cancellationToken).ConfigureAwait(false);
        }

        steering.Begin();

        var failure = await MoveAsync(plan, watch, steering, cancellationToken).ConfigureAwait(false);

        recorder.Enter(MigrationPhase.Verifying);
        var verification = await MigrationVerifier.SettleAsync(plan, SettlePatience).ConfigureAwait(false);
        if (verification.SourceInstance.IsActive)
        {
            await steps.RestoreAsync().ConfigureAwait(false);
        }

        var statistics = await ReadStatisticsAsync(plan, verification).ConfigureAwait(false) ?? watch.Last;
        if (statistics is not null)
        {
            recorder.Add(MigrationSample.Of(statistics, recorder.Elapsed, ProgressTracker.Rate(statistics)));
        }

        (verification, var warnings) = await AfterMove.FinishAsync(verification, plan.Vm.Autostart, plan.Destination, plan.Options).ConfigureAwait(false);
        if (verification.Outcome == MigrationOutcome.RolledBack)
        {
            await witness.WaitForDestinationAsync(EventPatience).ConfigureAwait(false);
        }

        var error = Explain(plan, verification, failure, steering, cancellationToken.IsCancellationRequested);
        recorder.Enter(MigrationPhase.Ended, verification.IsVerified);
        return new(recorder.Close(ToResult(plan, begun, verification, statistics, error ?? failure) with
        {
            SwitchoverDowntime = plan.IsLive && verification.IsVerified ? SwitchoverDowntime(statistics, steps, watch) : null,
            Policy = plan.Policy?.Name,
            Estimate = plan.Estimate,
            Options = MigrationOptionValues.Of(plan),
            Phases = recorder.Phases,
            Samples = recorder.Samples,
            Decisions = recorder.Decisions,
            ErrorId = error?.ErrorId,
            CanRetry = error?.CanRetry,
            Warnings = warnings,
            Errors = MigrationErrors.Gather(plan, failure, verification, witness),
        }), error);
    }

    private static async Task<Exception?> MoveAsync(
        MigrationPlan plan, MigrationWatch watch, MigrationSteering steering, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        var migration = MigrationCall.RunAsync(plan);
        var watching = watch.RunAsync(migration);
        await WaitForEndAsync(plan, migration, watch, steering, cancellationToken).ConfigureAwait(false);
        if (!migration.IsCompleted)
        {
            watch.EnterAborting();
            var patience = watch.Overdue.IsCompleted ? OverduePatience : AbortPatience;
            await MigrationAbort.RunAsync(plan.Vm.Uuid, plan.Source, migration, () => watch.IsPostCopy, steering.RefuseStop, patience)
                .ConfigureAwait(false);
        }

        if (!migration.IsCompleted)
        {
            Forget(migration);
            return new TimeoutException(watch.Overdue.IsCompleted
                ? $"'{plan.SourceHost.Name}' has done with it, but libvirt waits for '{plan.DestinationHost.Name}', whose QEMU hangs"
                : $"The migration did not end within {AbortPatience.TotalSeconds:0} s of being aborted.");
        }

        // Whatever goes wrong with the watching, the VM is looked up.
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await migration.ConfigureAwait(false);
            return watching.Exception?.InnerException;
        }
        catch (HypervisorException e)
        {
            // An abort that nobody asked for is told by its cause.
            return watch.DestinationLost.IsCompleted ? Lost(plan.DestinationHost, e) : e;
        }
    }

    // Returns when the migration has ended or has to be ended.
    private static async Task WaitForEndAsync(
        MigrationPlan plan, Task migration, MigrationWatch watch, MigrationSteering steering, CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stopping = cancellationToken.Register(() => stopped.TrySetResult());
        using var ended = new CancellationTokenSource();
        Task[] ends = [migration, stopped.Task, watch.DestinationLost, watch.Overdue, steering.GivenUp];
        if (plan.Limits.Timeout is { } timeout)
        {
            var timeUp = Task.Delay(timeout < LongestDelay ? timeout : LongestDelay, ended.Token);
            if (await Task.WhenAny([.. ends, timeUp]).ConfigureAwait(false) == timeUp)
            {
                await steering.TimeUpAsync().ConfigureAwait(false);
            }
        }

        await Task.WhenAny(ends).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
    }

    private static HypervisorException Lost(VmHost host, Exception cause) =>
        new($"the connection to '{host.Name}' was lost half-way", cause);

    private static MigrationEndedException? Explain(
        MigrationPlan plan, VmMigrationVerification verification, Exception? failure, MigrationSteering steering, bool cancelled)
    {
        if (verification.Outcome == MigrationOutcome.Completed)
        {
            return null;
        }

        var name = plan.Vm.Name;
        if (verification.Outcome == MigrationOutcome.RolledBack && steering.GivenUp.IsCompletedSuccessfully && !cancelled)
        {
            return steering.TimedOut is { } limit
                ? new MigrationTimeoutException(verification, limit,
                    $"The migration of '{name}' was aborted after {limit.TotalSeconds:0} s. {verification.Message}") { Vm = name }
                : new MigrationGivenUpException(verification, plan.Policy!.Name, steering.GivenUp.Result) { Vm = name };
        }

        var cause = (failure?.Message.TrimEnd('.'), cancelled) switch
        {
            (_, true) => "it was stopped",
            ({ } message, _) => message,
            _ => "libvirt gave no error",
        };
        return new MigrationFailedException(verification,
            $"The migration of '{name}' to '{plan.DestinationHost.Name}' did not complete: {cause}. {verification.Message}", failure)
        { Vm = name, Kind = cancelled ? MigrationFailures.Stopped : MigrationFailures.Classify(failure) };
    }

    private static VmMigrationResult ToResult(
        MigrationPlan plan, DateTimeOffset begun, VmMigrationVerification verification, JobStatistics? statistics, Exception? error) => new()
        {
            Vm = plan.Vm.Name,
            Uuid = plan.Vm.Uuid,
            Source = plan.SourceHost,
            Destination = plan.DestinationHost,
            Outcome = verification.Outcome,
            IsLive = plan.IsLive,
            StartTime = begun,
            EndTime = DateTimeOffset.Now,
            Downtime = plan.IsLive && verification.IsVerified ? statistics?.Downtime : null,
            Transferred = statistics?.DataProcessed,
            Throughput = statistics is null ? null : ProgressTracker.Rate(statistics),
            Iterations = statistics?.Iteration,
            Connections = plan.IsLive ? plan.Options.Connections : 0,
            Command = plan.Command,
            Verification = verification,
            Error = error?.Message,
            Statistics = statistics,
        };

    // A guest that was suspended on the way stands still from then on. The switch-over begins with the last pass.
    private static TimeSpan? SwitchoverDowntime(JobStatistics? statistics, MigrationSteps steps, MigrationWatch watch) =>
        (statistics?.Downtime, steps.SuspendedAt, watch.LastPass) switch
        {
            ({ } total, { } suspended, { } last) when last > suspended && Stopwatch.GetElapsedTime(suspended, last) is var before =>
                total > before ? total - before : TimeSpan.Zero,
            (_, { }, _) => null,
            var (total, _, _) => total,
        };

    // The destination of a completed migration is told the source's figures; the source of a failed one keeps them.
    private static async Task<JobStatistics?> ReadStatisticsAsync(MigrationPlan plan, VmMigrationVerification verification)
    {
        if (!plan.IsLive)
        {
            return null;
        }

        var (host, operation) = verification.IsVerified
            ? (plan.Destination, JobOperation.MigrationIn)
            : (plan.Source, JobOperation.MigrationOut);
        try
        {
            var last = await host.ReadAsync(h => h.GetCompletedJobAsync(plan.Vm.Uuid, CancellationToken.None), CancellationToken.None)
                .ConfigureAwait(false);

            // A source that keeps no account of an aborted move still has the one of the VM's arrival, long ago.
            return last?.Operation == operation ? last : null;
        }
        catch (HypervisorException)
        {
            return null;
        }
    }

    private static void Forget(Task task) => _ = task.ContinueWith(t => _ = t.Exception, CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
}
