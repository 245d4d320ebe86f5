using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using Xunit;
using static VirtMigrate.Tests.Core.MachineRun;

namespace VirtMigrate.Tests.Core;

/// <summary>The machine of a migration that another client makes, or that is resumed.</summary>
public sealed class FollowedMachineTests
{
    private static readonly VmInstance SourceRuns = TestData.Instance("kvm1", VmState.Running, 1);
    private static readonly VmInstance SourcePaused = TestData.Instance("kvm1", VmState.Paused, 2);
    private static readonly VmInstance SourceMigrated = TestData.Instance("kvm1", VmState.ShutOff, 4);
    private static readonly VmInstance DestinationRuns = TestData.Instance("kvm2", VmState.Running, 2);
    private static readonly VmInstance SourceHalf = TestData.Instance("kvm1", VmState.Paused, 12);
    private static readonly VmInstance DestinationHalf = TestData.Instance("kvm2", VmState.Running, 10);
    private static readonly VmInstance DestinationPaused = TestData.Instance("kvm2", VmState.Paused, 2);

    [Fact]
    public void Who_has_followed_a_migration_to_its_end_leaves_and_asks_for_nothing_more()
    {
        var run = Follow();
        See(run, 0.1, new(NoJob), SourceMigrated, DestinationRuns);
        run.Answer(0.2, SourceMigrated, DestinationRuns);
        Assert.Equal((MigrationOutcome.Completed, MigrationStage.Left), (run.Verification?.Outcome, run.Stage));

        Assert.Equal([], run.At(1, new MigrationEvent.Elapsed(MigrationTimer.Poll)));
    }

    [Fact]
    public void A_guest_that_stands_half_way_is_followed_although_the_other_host_is_not_known()
    {
        var run = Follow(destination: HostConnection.Unknown);
        See(run, 0.1, new(NoJob), SourcePaused, TestData.Unseen("kvm2"));

        Assert.Equal(MigrationStage.Moving, run.Stage);
    }

    [Fact]
    public void A_guest_that_is_whole_on_the_destination_while_its_job_waits_for_a_client_is_not_followed_for_ever()
    {
        var run = Follow();
        for (var seconds = 0.5; seconds < 30; seconds += 0.5)
        {
            See(run, seconds, Job(seconds), SourcePaused, DestinationRuns);
            Assert.Equal(MigrationStage.Moving, run.Stage);
            run.At(seconds + 0.4, new MigrationEvent.Elapsed(MigrationTimer.Poll));
        }

        See(run, 31, Job(31), SourcePaused, DestinationRuns);

        Assert.Equal(MigrationStage.Verifying, run.Stage);
    }

    [Fact]
    public void A_job_is_aborted_only_once_its_VM_was_seen_which_may_be_in_post_copy()
    {
        var run = Follow(MigrationRequested.Abort);
        Assert.DoesNotContain(run.At(0.1, Job(0.5)), c => c is MigrationCommand.Request);
        run.At(0.1, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceRuns));
        run.At(0.1, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationPaused));
        run.At(0.2, new MigrationEvent.Elapsed(MigrationTimer.Poll));

        Assert.Contains(run.At(0.21, Job(0.61)), c => c is MigrationCommand.Request { What: MigrationRequested.Abort });
    }

    [Theory]
    [InlineData(0.9, true)]
    [InlineData(1.1, false)]
    [InlineData(3, true)]
    public void A_look_that_took_long_leads_to_no_abort_unless_all_of_them_do(double took, bool isAborted)
    {
        var run = Follow(MigrationRequested.Abort);
        See(run, 0.1, new(NoJob with { IsHidden = true }), SourceRuns, DestinationPaused);
        run.At(0.2, new MigrationEvent.Elapsed(MigrationTimer.Poll));

        Assert.Equal(isAborted, run.At(0.2 + took, Job(0.7 + took)).Any(c => c is MigrationCommand.Request { What: MigrationRequested.Abort }));
    }

    [Fact]
    public void A_switch_that_is_refused_once_memory_moves_is_refused_for_good()
    {
        var refusal = new HypervisorException("refused");
        var run = Follow(MigrationRequested.StartPostCopy);
        See(run, 0.1, Job(0.5), SourceRuns, DestinationPaused);
        run.At(0.2, new MigrationEvent.Elapsed(MigrationTimer.Poll));
        Assert.Contains(run.At(0.21, Job(0.61)), c => c is MigrationCommand.Request { What: MigrationRequested.StartPostCopy });
        run.At(0.3, new MigrationEvent.Refused(MigrationRequested.StartPostCopy, refusal));
        Assert.Equal(MigrationStage.Verifying, run.Stage);

        run.Answer(0.4, SourceRuns, DestinationPaused);

        Assert.Same(refusal, run.Conclusion?.Failure);
    }

    [Fact]
    public void A_job_is_followed_however_long_it_has_run_and_the_next_one_is_another_migration()
    {
        var run = Follow();
        See(run, 0.1, Job(20), SourceRuns, TestData.Absent("kvm2"));
        run.At(0.6, new MigrationEvent.Elapsed(MigrationTimer.Poll));
        See(run, 0.7, Job(20.6), SourceRuns, TestData.Absent("kvm2"));
        Assert.Equal(MigrationStage.Moving, run.Stage);
        run.At(1.2, new MigrationEvent.Elapsed(MigrationTimer.Poll));

        See(run, 1.3, Job(0.2), SourceRuns, TestData.Absent("kvm2"));

        Assert.Equal(MigrationStage.Verifying, run.Stage);
    }

    [Fact]
    public void A_resumed_post_copy_is_broken_off_only_when_no_less_remains_than_before_for_as_long_as_was_given()
    {
        var run = new MachineRun(with: p => p with { Role = MigrationRole.Resume, StallTimeout = TimeSpan.FromSeconds(10) });
        for (var second = 1; second <= 30; second++)
        {
            run.At(second, new MigrationEvent.Elapsed(MigrationTimer.Poll));
            See(run, second, Job(second, total: 100, remaining: Math.Max(100 - second, 75)), SourceHalf, DestinationHalf);
            Assert.Equal(MigrationStage.Moving, run.Stage);
        }

        for (var second = 31; second <= 35; second++)
        {
            run.At(second, new MigrationEvent.Elapsed(MigrationTimer.Poll));
            See(run, second, Job(second, total: 100, remaining: 75), SourceHalf, DestinationHalf);
        }

        Assert.Equal(MigrationStage.Moving, run.Stage);
        run.At(35.1, new MigrationEvent.Elapsed(MigrationTimer.Poll));
        run.At(35.2, Job(35.2, total: 100, remaining: 75));
        run.At(35.2, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceHalf));

        Assert.Contains(run.At(35.2, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationHalf)),
            c => c is MigrationCommand.Request { What: MigrationRequested.AbortPostCopy });
    }

    private static MachineRun Follow(MigrationRequested steering = MigrationRequested.None, HostConnection? destination = null) => new(with: p => p with
    {
        Role = MigrationRole.Follow,
        Steering = steering,
        Source = new(null!, HostAddress.Parse("kvm1")),
        Destination = destination ?? new(null!, HostAddress.Parse("kvm2")),
    });

    // One look is answered whole.
    private static void See(MachineRun run, double seconds, MigrationEvent.JobSeen job, VmInstance source, VmInstance destination)
    {
        run.At(seconds, job);
        run.At(seconds, new MigrationEvent.InstanceSeen(MigrationEnd.Source, source));
        run.At(seconds, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, destination));
    }
}
