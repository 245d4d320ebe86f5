using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Failures;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Carries out a plan: move, watch, end it when asked, and verify on both hosts what has become of the VM.</summary>
public static class MigrationRunner
{
    // An abort takes the source's QEMU a moment; a daemon that does not come back within this time is reported as unknown.
    private static readonly TimeSpan AbortPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);

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
        var watch = new MigrationWatch(plan, progress);
        using var witness = await MigrationWitness.ListenAsync(plan, cancellationToken).ConfigureAwait(false);
        var formerLimit = await SetMaxDowntimeAsync(plan, cancellationToken).ConfigureAwait(false);

        var (failure, timedOut) = await MoveAsync(plan, watch, cancellationToken).ConfigureAwait(false);

        watch.Enter(MigrationPhase.Verifying);
        var verification = await MigrationVerifier.SettleAsync(plan, SettlePatience).ConfigureAwait(false);
        if (formerLimit is { } limit && verification.SourceInstance.IsActive)
        {
            await RestoreMaxDowntimeAsync(plan, limit).ConfigureAwait(false);
        }

        var statistics = await ReadStatisticsAsync(plan, verification).ConfigureAwait(false) ?? watch.Last;
        var error = Explain(plan, verification, failure, timedOut, cancellationToken.IsCancellationRequested);
        watch.Enter(MigrationPhase.Ended, verification.IsVerified);
        return new(ToResult(plan, begun, verification, statistics, error ?? failure) with
        {
            ErrorId = MigrationFailures.IdOf(error),
            CanRetry = MigrationFailures.CanRetry(error),
            Errors = MigrationErrors.Gather(plan, failure, verification, witness),
        }, error);
    }

    private static async Task<(Exception? Failure, bool TimedOut)> MoveAsync(
        MigrationPlan plan, MigrationWatch watch, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (plan.Limits.Timeout is { } timeout)
        {
            stop.CancelAfter(timeout);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return (null, false);
        }

        var migration = MigrationCall.RunAsync(plan);
        var watching = watch.RunAsync(migration);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (stop.Token.Register(() => asked.TrySetResult()))
        {
            await Task.WhenAny(migration, asked.Task, watch.DestinationLost).ConfigureAwait(false);
        }

        var timedOut = false;
        if (!migration.IsCompleted)
        {
            timedOut = asked.Task.IsCompleted && !cancellationToken.IsCancellationRequested;
            watch.IsAborting = true;
            watch.Enter(MigrationPhase.Aborting);
            await MigrationAbort.RunAsync(plan.Vm.Uuid, plan.Source, migration, AbortPatience).ConfigureAwait(false);
        }

        if (!migration.IsCompleted)
        {
            Forget(migration);
            return (new TimeoutException($"The migration did not end within {AbortPatience.TotalSeconds:0} s of being aborted."), timedOut);
        }

        await watching.ConfigureAwait(false);
        try
        {
            await migration.ConfigureAwait(false);
            return (null, timedOut);
        }
        catch (HypervisorException e)
        {
            // An abort that nobody asked for is told by its cause.
            return (watch.DestinationLost.IsCompleted ? Lost(plan.DestinationHost, e) : e, timedOut);
        }
    }

    private static HypervisorException Lost(VmHost host, Exception cause) =>
        new($"the connection to '{host.Name}' was lost half-way", cause);

    private static Exception? Explain(
        MigrationPlan plan, VmMigrationVerification verification, Exception? failure, bool timedOut, bool cancelled)
    {
        if (verification.Outcome == MigrationOutcome.Completed)
        {
            return null;
        }

        var name = plan.Vm.Name;
        if (verification.Outcome == MigrationOutcome.RolledBack && timedOut)
        {
            var limit = plan.Limits.Timeout!.Value;
            return new MigrationTimeoutException(verification, limit,
                $"The migration of '{name}' was aborted after {limit.TotalSeconds:0} s. {verification.Message}") { Vm = name };
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
            Connections = plan.IsLive ? (int)(plan.Options.Number(MigrationOptions.Parallel) ?? 1) : 0,
            Command = plan.Command,
            Verification = verification,
            Error = error?.Message,
            Statistics = statistics,
        };

    // QEMU keeps the limit with the guest, so that it is set before the move and put back where the guest stays.
    private static async Task<TimeSpan?> SetMaxDowntimeAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Limits.MaxDowntime is not { } limit || !plan.IsLive)
        {
            return null;
        }

        var source = await plan.Source.GetAsync(cancellationToken).ConfigureAwait(false);
        var former = await source.GetMaxDowntimeAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
        await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, cancellationToken).ConfigureAwait(false);
        return former;
    }

    private static async Task RestoreMaxDowntimeAsync(MigrationPlan plan, TimeSpan limit)
    {
        try
        {
            var source = await plan.Source.GetAsync(CancellationToken.None).ConfigureAwait(false);
            await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, CancellationToken.None).ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            // The limit concerns later migrations only, and each of them can set its own.
        }
    }

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
