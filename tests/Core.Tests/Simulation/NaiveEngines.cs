using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Simulation;

namespace VirtMigrate.Tests.Simulation;

/// <summary>Engines that each break a rule which a hurried engine might break, to see that the simulation notices.</summary>
internal static class NaiveEngines
{
    /// <summary>Takes what the call says for what became of the VM.</summary>
    public static async Task<MigrationReport> BelievesTheCall(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        try
        {
            await MoveAsync(plan, stop);
            return Say(plan, time, MigrationOutcome.Completed);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            return Say(plan, time, MigrationOutcome.RolledBack, e);
        }
    }

    /// <summary>Takes whatever it finds on the destination for what the migration brought there.</summary>
    public static async Task<MigrationReport> BelievesAnyDefinition(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        Exception? failure = null;
        try
        {
            await MoveAsync(plan, stop);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            failure = e;
        }

        var there = await PlainEngine.LookAsync(plan.Destination, plan.DestinationHost, plan.Vm.Uuid, time);
        return Say(plan, time, there.Status is null ? MigrationOutcome.Unknown : MigrationOutcome.Completed, failure);
    }

    /// <summary>Aborts whatever there is as soon as it is stopped.</summary>
    public static async Task<MigrationReport> AbortsWithoutLooking(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        var source = await plan.Source.GetAsync(CancellationToken.None);
        await using var stopping = stop.UnsafeRegister(_ => { _ = source.AbortJobAsync(plan.Vm.Uuid, CancellationToken.None); }, null);
        return await PlainEngine.RunAsync(plan, time, progress, CancellationToken.None);
    }

    /// <summary>Waits for its call, whatever happens.</summary>
    public static Task<MigrationReport> WaitsForever(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop) =>
        PlainEngine.RunAsync(plan, time, progress, CancellationToken.None);

    /// <summary>Lets exceptions out instead of a result.</summary>
    public static async Task<MigrationReport> Throws(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        await MoveAsync(plan, stop);
        return Say(plan, time, MigrationOutcome.Unknown);
    }

    /// <summary>Allows a longer downtime and leaves it so.</summary>
    public static async Task<MigrationReport> LeavesItsDowntime(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        try
        {
            var source = await plan.Source.GetAsync(CancellationToken.None);
            await source.SetMaxDowntimeAsync(plan.Vm.Uuid, TimeSpan.FromSeconds(5), CancellationToken.None);
        }
        catch (HypervisorException)
        {
            // The migration goes without.
        }

        return await PlainEngine.RunAsync(plan with { Options = plan.Options.Without(MigrationOptions.MaxDowntime) }, time, progress, stop);
    }

    /// <summary>Commits itself to nothing.</summary>
    public static async Task<MigrationReport> KnowsNothing(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        var report = await PlainEngine.RunAsync(plan, time, progress, stop);
        return report with { Result = report.Result with { Outcome = MigrationOutcome.Unknown } };
    }

    /// <summary>Takes every VM that is gone for one that crashed.</summary>
    public static async Task<MigrationReport> SeesCrashes(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        var report = await PlainEngine.RunAsync(plan, time, progress, stop);
        return report.Result.Outcome == MigrationOutcome.Unknown ? report with { Result = report.Result with { Outcome = MigrationOutcome.GuestCrashed } } : report;
    }

    /// <summary>Listens to the source, and never stops.</summary>
    public static async Task<MigrationReport> ListensForever(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        var source = await plan.Source.GetAsync(CancellationToken.None);
        await source.SubscribeAsync(plan.Vm.Uuid, static _ => { }, CancellationToken.None);
        return await PlainEngine.RunAsync(plan, time, progress, stop);
    }

    /// <summary>Takes its time before it makes the call.</summary>
    public static async Task<MigrationReport> BeginsLate(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        await Task.Delay(TimeSpan.FromMinutes(1), time, CancellationToken.None);
        return await PlainEngine.RunAsync(plan, time, progress, stop);
    }

    /// <summary>Tells libvirt's downtime of a post-copy too, which libvirt counts to the end of the migration.</summary>
    public static async Task<MigrationReport> TellsLibvirtsDowntime(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        var report = await Engines.Driver(plan, time, progress, stop);
        return report with { Result = report.Result with { Downtime = report.Result.Statistics?.Downtime } };
    }

    /// <summary>Hands its work to the thread pool.</summary>
    public static async Task<MigrationReport> LeavesTheThread(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop)
    {
        await Task.Run(() => plan.Source.ReadAsync(h => h.FindVmAsync(plan.Vm.Uuid, CancellationToken.None), CancellationToken.None), CancellationToken.None);
        return Say(plan, time, MigrationOutcome.Unknown);
    }

    private static async Task MoveAsync(MigrationPlan plan, CancellationToken stop)
    {
        var source = await plan.Source.GetAsync(stop);
        var destination = await plan.Destination.GetAsync(stop);
        await source.MigrateAsync(plan.Vm.Uuid, destination, plan.Options, stop);
    }

    private static MigrationReport Say(MigrationPlan plan, TimeProvider time, MigrationOutcome outcome, Exception? failure = null) => PlainEngine.Report(
        plan, time.GetUtcNow(), time.GetUtcNow(), outcome, new() { VmHost = plan.SourceHost, Error = "not asked" }, new() { VmHost = plan.DestinationHost, Error = "not asked" }, failure);
}
