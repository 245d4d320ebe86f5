using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Simulation;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

public sealed class SimulatedWorldTests
{
    private static readonly MigrationOptionSet Live = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true);

    [Fact]
    public void A_migration_moves_the_VM() => In(new() { Seed = 1 }, w =>
    {
        Assert.Null(w.EndOf(w.Migrate()));
        Assert.Equal("running (migrated)", Stage.StateAt(w.World.Destination));
        Assert.Equal("shut off (migrated)", Stage.StateAt(w.World.Source));
        Assert.True(w.World.Destination.IsExecuting);
        Assert.False(w.World.Source.IsExecuting);
        Assert.Equal(w.World.Source.Domain!.PersistentDefinition, w.World.Destination.Domain!.PersistentDefinition);
        Assert.Equal(JobOperation.MigrationIn, w.World.Destination.Domain.Completed!.Operation);
    });

    [Fact]
    public void Both_hosts_tell_by_events_what_happens() => In(new() { Seed = 1 }, w =>
    {
        var here = new List<DomainEvent>();
        var there = new List<DomainEvent>();
        using var listening = w.Source.Subscribe(here.Add);
        using var alsoListening = w.Destination.Subscribe(there.Add);
        w.EndOf(w.Migrate());
        w.World.Time.Run(() => false, TimeSpan.FromSeconds(1));
        Assert.Contains(here, e => e is MigrationIterationEvent { Iteration: 1 });
        Assert.Contains(here, e => e is LifecycleEvent { Kind: 3, Detail: 1 });
        Assert.Contains(here, e => e is LifecycleEvent { Kind: 5, Detail: 3 });
        Assert.Contains(here, e => e is JobCompletedEvent { Statistics.Operation: JobOperation.MigrationOut });
        Assert.Contains(there, e => e is LifecycleEvent { Kind: 4, Detail: 1 });
    });

    [Fact]
    public void Undefining_leaves_nothing_on_the_source() => In(new() { Seed = 2, Options = Live.With(MigrationOptions.UndefineSource, true) }, w =>
    {
        Assert.Null(w.EndOf(w.Migrate()));
        Assert.Null(w.World.Source.Domain);
    });

    [Fact]
    public void An_undefine_that_fails_leaves_the_definition_and_the_call_succeeds() => In(new()
    {
        Seed = 2,
        Options = Live.With(MigrationOptions.UndefineSource, true),
        Faults = [new(FaultKind.UndefineFails, FaultPoint.Start, TimeSpan.Zero, TimeSpan.Zero, false, 0)],
    }, w =>
    {
        Assert.Null(w.EndOf(w.Migrate()));
        Assert.NotNull(w.World.Source.Domain?.PersistentDefinition);
    });

    [Fact]
    public void An_abort_leaves_the_VM_running_on_the_source() => In(new() { Seed = 3 }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.EndOf(w.Source.AbortJobAsync(w.World.Uuid, CancellationToken.None));
        FailureAssert.Is<HypervisorException>("MigrationStopped", w.EndOf(call));
        Assert.True(w.World.Source.IsExecuting);
        w.World.Time.Run(() => w.World.Destination.Domain is null, TimeSpan.FromSeconds(5));
        Assert.Null(w.World.Destination.Domain);
    });

    [Fact]
    public void An_abort_without_a_job_says_that_there_is_none() => In(new() { Seed = 3 }, w =>
        FailureAssert.Is<HypervisorException>("NoMigrationJob", w.EndOf(w.Source.AbortJobAsync(w.World.Uuid, CancellationToken.None))));

    [Fact]
    public void A_VM_that_is_backed_up_is_busy_after_half_a_minute() => In(new() { Seed = 4 }, w =>
    {
        w.World.Source.Domain!.Job = DomainJob.Backup;
        var begun = w.World.Time.Now;
        Assert.IsType<VmBusyException>(w.EndOf(w.Migrate()));
        Assert.InRange((w.World.Time.Now - begun).TotalSeconds, 29, 32);
        Assert.True(w.World.Source.IsExecuting);
    });

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_migration_survives_its_client_where_it_is_peer_to_peer(bool isPeerToPeer, bool moves) => In(
        new() { Seed = 5, Way = SimulatedWay.Virsh, Options = Live.With(MigrationOptions.PeerToPeer, isPeerToPeer) }, w =>
        {
            var call = w.Migrate();
            w.Until(MigrationStep.Perform);
            w.Strike(FaultKind.ClientKilled);
            Assert.IsType<HypervisorToolException>(w.EndOf(call));
            w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
            Assert.Equal(moves, w.World.Destination.IsExecuting);
            Assert.Equal(!moves, w.World.Source.IsExecuting);
        });

    [Fact]
    public void A_virsh_on_the_source_that_takes_its_time_begins_though_its_client_is_gone() => In(new()
    {
        Seed = 5,
        Way = SimulatedWay.VirshOverSsh,
        Faults = [new(FaultKind.CallBeginsLate, FaultPoint.Start, TimeSpan.Zero, TimeSpan.FromSeconds(3), false, 0)],
    }, w =>
    {
        var call = w.Migrate();
        w.World.Time.Run(() => false, TimeSpan.FromSeconds(2));
        w.Strike(FaultKind.MigrationConnectionDrops);
        Assert.IsType<HostConnectionLostException>(w.EndOf(call));
        Assert.Equal(DomainJob.None, w.World.Source.Domain!.Job);
        Assert.Null(w.World.Destination.Domain);
        w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
        Assert.True(w.World.Destination.IsExecuting);
    });

    [Fact]
    public void A_migration_by_virsh_on_the_source_goes_on_without_its_connection() => In(new() { Seed = 5, Way = SimulatedWay.VirshOverSsh }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.Strike(FaultKind.MigrationConnectionDrops);
        Assert.IsType<HostConnectionLostException>(w.EndOf(call));
        w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
        Assert.True(w.World.Destination.IsExecuting);
        Assert.True(w.Source.MigrationOutlivesClient);
    });

    [Fact]
    public void A_client_that_dies_in_Finish_leaves_the_source_paused_beside_the_guest_that_runs() => In(new() { Seed = 6, Way = SimulatedWay.Virsh }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Finish);
        w.Strike(FaultKind.ClientKilled);
        Assert.NotNull(w.EndOf(call));
        w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
        Assert.Equal("running (migrated)", Stage.StateAt(w.World.Destination));
        Assert.Equal("paused (migrating)", Stage.StateAt(w.World.Source));
    });

    [Fact]
    public void A_call_succeeds_although_the_source_never_hears_of_it() => In(new() { Seed = 6 }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Finish);
        w.Strike(FaultKind.MigrationConnectionDrops);
        Assert.Null(w.EndOf(call));
        Assert.Equal("paused (migrating)", Stage.StateAt(w.World.Source));
    });

    [Theory]
    [InlineData("Perform", "running (booted)")]
    [InlineData("Switchover", "running (migration canceled)")]
    public void A_source_daemon_that_restarts_takes_the_guest_back(string step, string state) => In(new() { Seed = 7 }, w =>
    {
        var call = w.Migrate();
        w.Until(Enum.Parse<MigrationStep>(step));
        w.Strike(FaultKind.DaemonRestarts);
        Assert.IsType<HostConnectionLostException>(w.EndOf(call));
        w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
        Assert.Equal(state, Stage.StateAt(w.World.Source));
        Assert.True(w.World.Source.IsExecuting);
        Assert.Null(w.World.Destination.Domain);
    });

    [Fact]
    public void A_destination_daemon_that_restarts_in_Finish_kills_its_half() => In(new() { Seed = 8 }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Finish);
        w.Strike(FaultKind.DaemonRestarts, atDestination: true);
        Assert.NotNull(w.EndOf(call));
        w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
        Assert.Equal("running (migration canceled)", Stage.StateAt(w.World.Source));
        Assert.Null(w.World.Destination.Domain);
    });

    [Fact]
    public void Post_copy_breaks_into_two_halves_and_can_be_resumed() => In(new() { Seed = 9, Options = Live.With(MigrationOptions.PostCopy, true) }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.EndOf(w.Source.StartPostCopyAsync(w.World.Uuid, CancellationToken.None));
        w.World.Time.Run(() => w.World.Destination.IsExecuting, TimeSpan.FromSeconds(5));
        Assert.Equal("paused (post-copy)", Stage.StateAt(w.World.Source));
        Assert.Equal("running (post-copy)", Stage.StateAt(w.World.Destination));
        Assert.NotNull(w.EndOf(w.Source.AbortJobAsync(w.World.Uuid, CancellationToken.None)));
        w.EndOf(w.Source.AbortPostCopyAsync(w.World.Uuid, CancellationToken.None));
        Assert.NotNull(w.EndOf(call));
        Assert.Equal("paused (post-copy failed)", Stage.StateAt(w.World.Source));
        Assert.Equal("running (post-copy failed)", Stage.StateAt(w.World.Destination));
        var again = w.World.Scenario.Options.With(MigrationOptions.PostCopyResume, true).With(MigrationOptions.ChangeProtection, true);
        Assert.Null(w.EndOf(w.Source.MigrateAsync(w.World.Uuid, w.Destination, again, CancellationToken.None)));
        Assert.Equal("running (migrated)", Stage.StateAt(w.World.Destination));
        Assert.Equal("shut off (migrated)", Stage.StateAt(w.World.Source));
    });

    [Fact]
    public void Post_copy_is_refused_where_it_was_not_allowed() => In(new() { Seed = 9 }, w =>
    {
        _ = w.Migrate();
        w.Until(MigrationStep.Perform);
        FailureAssert.Is<HypervisorException>("LibvirtError", w.EndOf(w.Source.StartPostCopyAsync(w.World.Uuid, CancellationToken.None)));
    });

    [Fact]
    public void An_offline_migration_takes_the_definition_alone() => In(new()
    {
        Seed = 10,
        IsLive = false,
        HasOldDefinition = true,
        Options = MigrationOptionSet.Empty.With(MigrationOptions.Offline, true).With(MigrationOptions.Persistent, true),
    }, w =>
    {
        Assert.Null(w.EndOf(w.Migrate()));
        Assert.Equal(SimulatedWorld.Definition(256), w.World.Destination.Domain!.PersistentDefinition);
        Assert.False(w.World.Destination.IsActive);
        Assert.Null(w.World.Destination.Domain.Completed);
    });

    [Fact]
    public void A_paused_VM_arrives_paused() => In(new() { Seed = 11, IsPausedBefore = true }, w =>
    {
        Assert.Null(w.EndOf(w.Migrate()));
        Assert.Equal("paused (user)", Stage.StateAt(w.World.Destination));
    });

    [Fact]
    public void A_guest_that_is_suspended_on_the_way_runs_where_it_arrives() => In(new() { Seed = 12 }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.EndOf(w.Source.SuspendVmAsync(w.World.Uuid, CancellationToken.None));
        Assert.Equal("paused (migrating)", Stage.StateAt(w.World.Source));
        Assert.Null(w.EndOf(call));
        Assert.True(w.World.Destination.IsExecuting);
    });

    [Fact]
    public void A_guest_that_writes_too_fast_moves_when_more_downtime_is_allowed() => In(
        new() { Seed = 13, Guest = new(256 << 20, 128 << 20, 200 << 20, 100 << 20) }, w =>
        {
            var call = w.Migrate();
            w.World.Time.Run(() => call.IsCompleted, TimeSpan.FromMinutes(2));
            Assert.False(call.IsCompleted);
            w.EndOf(w.Source.SetMaxDowntimeAsync(w.World.Uuid, TimeSpan.FromSeconds(2), CancellationToken.None));
            Assert.Null(w.EndOf(call));
        });

    [Fact]
    public void A_downtime_limit_that_was_set_on_the_way_falls_back_when_the_migration_fails() => In(new() { Seed = 14 }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.EndOf(w.Source.SetMaxDowntimeAsync(w.World.Uuid, TimeSpan.FromMilliseconds(1), CancellationToken.None));
        w.EndOf(w.Source.AbortJobAsync(w.World.Uuid, CancellationToken.None));
        w.EndOf(call);
        Assert.Equal(SimulatedDomain.UsualMaxDowntime, w.World.Source.Domain!.MaxDowntime);
    });

    [Fact]
    public void A_call_that_is_cancelled_before_it_begins_never_begins() => In(new() { Seed = 15 }, w =>
    {
        using var stop = new CancellationTokenSource();
        var call = w.Source.MigrateAsync(w.World.Uuid, w.Destination, w.World.Scenario.Options, stop.Token);
        stop.Cancel();
        Assert.True(call.IsCanceled);
        w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(1));
        Assert.True(w.World.Source.IsExecuting);
        Assert.Empty(w.World.Migrations);
    });

    [Fact]
    public void A_job_counts_from_before_its_copy_begins() => In(new() { Seed = 16, Options = Live.With(MigrationOptions.PeerToPeer, true) }, w =>
    {
        _ = w.Migrate();
        w.Until(MigrationStep.Prepare);
        var began = w.World.Time.Now;
        w.Until(MigrationStep.Perform);
        var job = w.Source.GetJobAsync(w.World.Uuid, CancellationToken.None);
        w.EndOf(job);
        Assert.True(job.Result.Statistics!.Elapsed > w.World.Time.Now - began - TimeSpan.FromMilliseconds(5));
    });

    [Fact]
    public void The_arriving_half_cannot_be_asked_for_its_job() => In(new() { Seed = 16 }, w =>
    {
        _ = w.Migrate();
        w.Until(MigrationStep.Perform);
        var there = w.Destination.GetJobAsync(w.World.Uuid, CancellationToken.None);
        var here = w.Source.GetJobAsync(w.World.Uuid, CancellationToken.None);
        w.EndOf(there);
        w.EndOf(here);
        Assert.True(there.Result.IsIncoming);
        Assert.Equal(JobOperation.MigrationOut, here.Result.Statistics!.Operation);
    });

    [Fact]
    public void A_QEMU_may_end_with_the_one_that_it_sends_to() => In(new() { Seed = 17, Oddity = LibvirtOddity.QemusEndTogether }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.Strike(FaultKind.QemuCrashes, atDestination: true);
        Assert.NotNull(w.EndOf(call));
        Assert.Equal("shut off (crashed)", Stage.StateAt(w.World.Source));
        Assert.Equal(GuestFate.Crashed, w.World.Truth.Fate);
    });

    [Theory]
    [InlineData("None", "shut off (migrated)")]
    [InlineData("PostCopyEndIsMissed", "paused (post-copy failed)")]
    public void A_daemon_that_lost_sight_of_a_post_copy_may_miss_its_end(string oddity, string state) =>
        In(new() { Seed = 18, Options = Live.With(MigrationOptions.PostCopy, true), Oddity = Enum.Parse<LibvirtOddity>(oddity) }, w =>
        {
            _ = w.Migrate();
            w.Until(MigrationStep.Perform);
            w.EndOf(w.Source.StartPostCopyAsync(w.World.Uuid, CancellationToken.None));
            w.World.Time.Run(() => w.World.Destination.IsExecuting, TimeSpan.FromSeconds(5));
            w.Strike(FaultKind.MigrationConnectionDrops);
            w.World.Time.RunUntilQuiet(TimeSpan.FromMinutes(5));
            Assert.Equal("running (migrated)", Stage.StateAt(w.World.Destination));
            Assert.Equal(state, Stage.StateAt(w.World.Source));
        });

    [Fact]
    public void The_downtime_of_a_post_copy_is_counted_to_its_end() => In(new() { Seed = 19, Options = Live.With(MigrationOptions.PostCopy, true) }, w =>
    {
        var call = w.Migrate();
        w.Until(MigrationStep.Perform);
        w.EndOf(w.Source.StartPostCopyAsync(w.World.Uuid, CancellationToken.None));
        w.World.Time.Run(() => w.World.Destination.IsExecuting, TimeSpan.FromSeconds(5));
        var running = w.World.Time.Now;
        Assert.Null(w.EndOf(call));
        Assert.True(w.World.Destination.Domain!.Completed!.Downtime > w.World.Time.Now - running - TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void Completed_statistics_may_not_say_whether_the_job_succeeded() => In(new() { Seed = 20, Oddity = LibvirtOddity.SuccessIsUntold }, w =>
    {
        Assert.Null(w.EndOf(w.Migrate()));
        Assert.True(w.World.Source.Domain!.Completed is { IsCompleted: true, Success: null });
    });

    private static void In(Scenario scenario, Action<Stage> test)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            var world = new SimulatedWorld(scenario, isTraced: false);
            var plan = SimulationRun.Plan(world);
            test(new(world, plan.Source.GetAsync(CancellationToken.None).Result, plan.Destination.GetAsync(CancellationToken.None).Result));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private sealed record Stage(SimulatedWorld World, IHypervisor Source, IHypervisor Destination)
    {
        public Task Migrate() => Source.MigrateAsync(World.Uuid, Destination, World.Scenario.Options, CancellationToken.None);

        public static string StateAt(SimulatedHost host) => host.Domain?.Status.ToString() ?? "not there";

        public void Until(MigrationStep step) =>
            Assert.True(World.Time.Run(() => World.OurMigration?.Step == step, TimeSpan.FromMinutes(10)), $"{step} was never reached");

        public Exception? EndOf(Task task)
        {
            Assert.True(World.Time.Run(() => task.IsCompleted, TimeSpan.FromMinutes(10)), "the call never ended");
            return task.Exception?.InnerException;
        }

        public void Strike(FaultKind kind, bool atDestination = false) =>
            Strikes.Strike(World, World.Faults, new(kind, FaultPoint.Start, TimeSpan.Zero, TimeSpan.FromSeconds(2), atDestination, 0));
    }
}
