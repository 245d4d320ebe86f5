using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>
/// The plainest engine that tries to keep the invariants: it calls, stops by looking first, then looks at both hosts until they say the same
/// twice. It is what the world itself is tried with.
/// </summary>
internal static class PlainEngine
{
    private static readonly TimeSpan LookTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task<MigrationReport> RunAsync(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        var begun = time.GetUtcNow();
        var uuid = plan.Vm.Uuid;
        Exception? failure = null;
        var call = Task.CompletedTask;
        TimeSpan? formerDowntime = null;
        try
        {
            var source = await plan.Source.GetAsync(stop);
            var destination = await plan.Destination.GetAsync(stop);
            if (plan.Limits.MaxDowntime is { } downtime)
            {
                formerDowntime = await source.GetMaxDowntimeAsync(uuid, stop);
                await source.SetMaxDowntimeAsync(uuid, downtime, stop);
            }

            var made = time.GetTimestamp();
            call = source.MigrateAsync(uuid, destination, plan.Options, stop);
            await WaitAsync(plan, time, call, stop);
            if (!call.IsCompleted)
            {
                await AbortAsync(plan, time, call, made);
            }

            if (call.IsCompleted)
            {
                await call;
            }
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            failure = e;
        }

        var (here, there) = await SettleAsync(plan, time);
        var isPutBack = formerDowntime is null || here.IsKnown;
        if (formerDowntime is { } former && here.IsActive)
        {
            isPutBack = await PutBackAsync(plan, time, former);
            (here, there) = await SettleAsync(plan, time);
        }

        var outcome = Conclude(plan, call, failure, here, there);
        var report = Report(plan, begun, time.GetUtcNow(), outcome, here, there, failure);
        return isPutBack ? report : report with { Result = report.Result with { Warnings = ["The source keeps the downtime limit of the migration."] } };
    }

    /// <summary>Makes a report with what an engine found.</summary>
    public static MigrationReport Report(MigrationPlan plan, DateTimeOffset begun, DateTimeOffset ended, MigrationOutcome outcome, VmInstance here, VmInstance there, Exception? failure) => new(
        new()
        {
            Vm = plan.Vm.Name,
            Uuid = plan.Vm.Uuid,
            Source = plan.SourceHost,
            Destination = plan.DestinationHost,
            Outcome = outcome,
            IsLive = plan.IsLive,
            StartTime = begun,
            EndTime = ended,
            Command = string.Empty,
            Verification = new()
            {
                Vm = plan.Vm.Name,
                Uuid = plan.Vm.Uuid,
                Source = plan.SourceHost,
                Destination = plan.DestinationHost,
                SourceInstance = here,
                DestinationInstance = there,
                Outcome = outcome,
                Message = $"{here} on the source, {there} on the destination",
            },
            Error = failure?.Message,
        }, failure);

    /// <summary>Looks at one host once.</summary>
    public static async Task<VmInstance> LookAsync(HostConnection connection, VmHost host, Guid uuid, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(LookTimeout, time);
        try
        {
            var hypervisor = await connection.GetAsync(deadline.Token);
            var vm = await hypervisor.FindVmAsync(uuid, deadline.Token);
            return new() { VmHost = host, Status = vm?.Status, IsPersistent = vm?.IsPersistent ?? false, Autostart = vm?.Autostart ?? false };
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            return new() { VmHost = host, Error = e.Message };
        }
    }

    // Returns when the call has ended or has to be ended.
    private static async Task WaitAsync(MigrationPlan plan, TimeProvider time, Task call, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource();
        await using var stopping = stop.UnsafeRegister(static s => ((TaskCompletionSource)s!).TrySetResult(), stopped);
        if (plan.Limits.Timeout is { } limit)
        {
            using var ended = new CancellationTokenSource();
            await Task.WhenAny(call, stopped.Task, Task.Delay(limit, time, ended.Token));
            ended.Cancel();
            if (call.IsCompleted || plan.Limits.OnTimeout == TimeoutAction.Abort)
            {
                return;
            }

            if (!stopped.Task.IsCompleted)
            {
                using var deadline = new CancellationTokenSource(LookTimeout, time);
                try
                {
                    var source = await plan.Source.GetAsync(deadline.Token);
                    await (plan.Limits.OnTimeout == TimeoutAction.PostCopy
                        ? source.StartPostCopyAsync(plan.Vm.Uuid, deadline.Token)
                        : source.SuspendVmAsync(plan.Vm.Uuid, deadline.Token));
                }
                catch (Exception e) when (e is HypervisorException or OperationCanceledException)
                {
                    return;
                }
            }
        }

        await Task.WhenAny(call, stopped.Task);
    }

    private static async Task<bool> PutBackAsync(MigrationPlan plan, TimeProvider time, TimeSpan former)
    {
        for (var i = 0; i < 3; i++)
        {
            using var deadline = new CancellationTokenSource(LookTimeout, time);
            try
            {
                var source = await plan.Source.GetAsync(deadline.Token);
                var job = await source.GetJobAsync(plan.Vm.Uuid, deadline.Token);
                if (job is { Statistics: null, IsHidden: false })
                {
                    // One under way would set back what it found when it began.
                    await source.SetMaxDowntimeAsync(plan.Vm.Uuid, former, deadline.Token);
                    return true;
                }
            }
            catch (Exception e) when (e is HypervisorException or OperationCanceledException)
            {
                // Perhaps the next time.
            }

            await Task.Delay(BetweenLooks, time);
        }

        return false;
    }

    private static async Task AbortAsync(MigrationPlan plan, TimeProvider time, Task call, long made)
    {
        var begun = time.GetTimestamp();
        while (!call.IsCompleted && time.GetElapsedTime(begun) < TimeSpan.FromSeconds(10))
        {
            using var deadline = new CancellationTokenSource(LookTimeout, time);
            try
            {
                var source = await plan.Source.GetAsync(deadline.Token);
                var asked = time.GetTimestamp();
                var job = await source.GetJobAsync(plan.Vm.Uuid, deadline.Token);
                if (job.Statistics is { Operation: JobOperation.MigrationOut } statistics && statistics.Elapsed <= time.GetElapsedTime(made) &&
                    !call.IsCompleted && time.GetElapsedTime(asked) < TimeSpan.FromSeconds(1))
                {
                    await source.AbortJobAsync(plan.Vm.Uuid, deadline.Token);
                }
            }
            catch (Exception e) when (e is HypervisorException or OperationCanceledException)
            {
                // The next look may tell more.
            }

            using var ended = new CancellationTokenSource();
            await Task.WhenAny(call, Task.Delay(BetweenLooks, time, ended.Token));
            ended.Cancel();
        }
    }

    private static async Task<(VmInstance Here, VmInstance There)> SettleAsync(MigrationPlan plan, TimeProvider time)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            var looking = LookAsync(plan.Source, plan.SourceHost, plan.Vm.Uuid, time);
            var there = await LookAsync(plan.Destination, plan.DestinationHost, plan.Vm.Uuid, time);
            var here = await looking;
            var isSettled = here.IsKnown && there.IsKnown && !(here.IsActive && there.IsActive)
                && here.Status is not { IsPausedByMigration: true } && there.Status is not { IsPausedByMigration: true };
            if (isSettled || time.GetElapsedTime(begun) > Patience)
            {
                return (here, there);
            }

            await Task.Delay(BetweenLooks, time);
        }
    }

    private static MigrationOutcome? EndOf(VmInstance here, VmInstance there)
    {
        var status = here.Status is { IsMigratedAway: true } ? there.Status : here.Status;
        return status is not { State: VmState.ShutOff } ended ? null : ended.ReasonCode switch
        {
            Reasons.ShutOffShutdown => MigrationOutcome.GuestShutDown,
            Reasons.ShutOffDestroyed => MigrationOutcome.GuestDestroyed,
            Reasons.ShutOffCrashed => MigrationOutcome.GuestCrashed,
            _ => null,
        };
    }

    private static MigrationOutcome Conclude(MigrationPlan plan, Task call, Exception? failure, VmInstance here, VmInstance there)
    {
        if (here.Status is { IsPostCopyFailed: true } || there.Status is { IsPostCopyFailed: true })
        {
            return MigrationOutcome.PostCopyPaused;
        }

        if (!here.IsKnown || !there.IsKnown || !call.IsCompleted || (here.IsActive && there.IsActive))
        {
            return MigrationOutcome.Unknown;
        }

        if (plan.IsLive && !here.IsActive && !there.IsActive && EndOf(here, there) is { } end)
        {
            return end;
        }

        // A lost call may still be under way where nobody here drives it.
        var isLost = failure is HostConnectionLostException or HypervisorToolException or HostUnreachableException;
        if (call.IsCompletedSuccessfully && failure is null)
        {
            var isPaused = plan.Vm.State == VmState.Paused || plan.Options.Has(MigrationOptions.Suspend);
            return (plan.IsLive ? !there.IsActive : there.Status is null) ? MigrationOutcome.Unknown
                : plan.IsLive && there.IsExecuting == isPaused ? MigrationOutcome.ArrivedChanged : MigrationOutcome.Completed;
        }

        return isLost || there.IsActive || here.Status is not { } status || status.IsActive != plan.IsLive ? MigrationOutcome.Unknown
            : status.State == plan.Vm.State && here.IsPersistent == plan.Vm.IsPersistent ? MigrationOutcome.RolledBack : MigrationOutcome.StayedChanged;
    }
}
