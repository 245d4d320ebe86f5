using VirtMigrate.Migration;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationJobConclusionTests
{
    private static readonly VmInstance Here = TestData.Instance("kvm1", VmState.ShutOff, 4);
    private static readonly VmInstance There = TestData.Instance("kvm2", VmState.Running, 2);

    private static readonly VmMigrationJobInfo Job = new()
    {
        Vm = "db1",
        Uuid = Guid.NewGuid(),
        Source = Here.VmHost,
        Destination = There.VmHost,
        Status = MigrationJobStatus.Running,
        Phase = MigrationPhase.PostCopy,
        PercentComplete = 100,
        Remaining = 174 << 20,
    };

    [Fact]
    public void What_has_arrived_has_nothing_left_to_move()
    {
        var ended = MigrationJobConclusion.Of(Job with { PercentComplete = 41 }, Verify(MigrationOutcome.Completed));
        Assert.Equal((MigrationJobStatus.Completed, MigrationPhase.Ended, 100, 0L, null), (ended.Status, ended.Phase, ended.PercentComplete, ended.Remaining!.Value, ended.Error));
    }

    [Theory]
    [InlineData(MigrationOutcome.ArrivedChanged, MigrationJobStatus.Completed)]
    [InlineData(MigrationOutcome.RolledBack, MigrationJobStatus.Failed)]
    [InlineData(MigrationOutcome.StayedChanged, MigrationJobStatus.Failed)]
    [InlineData(MigrationOutcome.GuestCrashed, MigrationJobStatus.Failed)]
    [InlineData(MigrationOutcome.PostCopyPaused, MigrationJobStatus.PostCopyPaused)]
    [InlineData(MigrationOutcome.Unknown, MigrationJobStatus.Unknown)]
    public void The_job_is_what_the_verdict_says_and_the_error_says_why(MigrationOutcome outcome, MigrationJobStatus status)
    {
        var ended = MigrationJobConclusion.Of(Job, Verify(outcome));
        Assert.Equal((status, "verdict"), (ended.Status, ended.Error));
        Assert.Equal(status == MigrationJobStatus.Completed, ended is { PercentComplete: 100, Remaining: 0 });
    }

    [Fact]
    public void Where_the_destination_is_not_known_the_source_s_account_is_what_there_is()
    {
        var known = Job with { Destination = null, Status = MigrationJobStatus.Completed };
        Assert.Same(known, MigrationJobConclusion.Of(known, Verify(MigrationOutcome.Unknown)));
    }

    [Fact]
    public void A_VM_that_simply_runs_on_the_one_host_that_is_known_has_stayed()
    {
        var verdict = Verify(MigrationOutcome.Unknown) with { SourceInstance = TestData.Instance("kvm1", VmState.Running, 1) };
        var ended = MigrationJobConclusion.Of(Job with { Destination = null }, verdict);
        Assert.Equal(MigrationJobStatus.Failed, ended.Status);
        Assert.Equal("'db1' is running (booted) on 'kvm1', as before the migration.", ended.Error);
    }

    [Fact]
    public void A_destination_without_an_account_tells_where_the_VM_went()
    {
        var arrival = new VmMigrationJobInfo
        {
            Vm = "db1",
            Uuid = Job.Uuid,
            Destination = There.VmHost,
            Status = MigrationJobStatus.Completed,
            Phase = MigrationPhase.Ended,
        };
        var left = Job with { Destination = null, Status = MigrationJobStatus.Completed, Phase = MigrationPhase.Ended };

        Assert.Equal(There.VmHost, MigrationJobMerge.Merge(arrival, left).Destination);
        Assert.True(MigrationJobMerge.IsMereArrival(arrival));
        Assert.False(MigrationJobMerge.IsMereArrival(MigrationJobMerge.Merge(arrival, left)));
        Assert.Null(MigrationJobMerge.Merge(arrival, left with { Status = MigrationJobStatus.Failed }).Destination);
    }

    private static VmMigrationVerification Verify(MigrationOutcome outcome) => new()
    {
        Vm = "db1",
        Uuid = Job.Uuid,
        Source = Here.VmHost,
        Destination = There.VmHost,
        SourceInstance = Here,
        DestinationInstance = There,
        Outcome = outcome,
        Message = "verdict",
    };
}
