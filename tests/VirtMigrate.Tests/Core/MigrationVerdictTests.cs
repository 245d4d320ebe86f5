using CsCheck;
using VirtMigrate.Migration;
using VirtMigrate.Model;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationVerdictTests
{
    private static readonly VmInstance SourceRuns = TestData.Instance("kvm1", VmState.Running, 1);
    private static readonly VmInstance SourceMigrated = TestData.Instance("kvm1", VmState.ShutOff, 4);
    private static readonly VmInstance SourceCrashed = TestData.Instance("kvm1", VmState.ShutOff, 3);
    private static readonly VmInstance SourceMigrating = TestData.Instance("kvm1", VmState.Paused, 2);
    private static readonly VmInstance DestinationRuns = TestData.Instance("kvm2", VmState.Running, 2);
    private static readonly VmInstance DestinationIncoming = TestData.Instance("kvm2", VmState.Paused, 2);
    private static readonly VmInstance DestinationShutOff = TestData.Instance("kvm2", VmState.ShutOff, 0);

    [Fact]
    public void A_vm_that_runs_on_the_destination_and_is_shut_off_on_the_source_has_moved()
    {
        var verdict = Judge(SourceMigrated, DestinationRuns);

        Assert.Equal(MigrationOutcome.Completed, verdict.Outcome);
        Assert.True(verdict.IsVerified);
        Assert.Equal("kvm2", verdict.RunsOn?.Name);
        Assert.Equal(1, verdict.RunningInstances);
        Assert.Equal(["kvm1", "kvm2"], verdict.DefinedOn.Select(h => h.Name));
        Assert.Contains("defined on both hosts", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vm_that_runs_on_the_source_alone_was_rolled_back() =>
        Assert.Equal(MigrationOutcome.RolledBack, Judge(SourceRuns, TestData.Absent("kvm2")).Outcome);

    [Fact]
    public void A_vm_that_was_shut_off_has_moved_when_the_destination_defines_it() =>
        Assert.Equal(MigrationOutcome.Completed,
            MigrationVerdict.Of("db1", TestData.Uuid, TestData.Instance("kvm1", VmState.ShutOff, 0), DestinationShutOff, wasActive: false).Outcome);

    [Fact]
    public void A_paused_incoming_half_means_that_the_move_is_under_way()
    {
        var verdict = Judge(SourceRuns, DestinationIncoming);

        Assert.True(verdict.IsInProgress);
        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
    }

    [Fact]
    public void Two_running_instances_are_an_alarm_and_not_a_success()
    {
        var verdict = Judge(SourceRuns, DestinationRuns);

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.False(verdict.IsInProgress);
        Assert.Equal(2, verdict.RunningInstances);
        Assert.Null(verdict.RunsOn);
        Assert.Contains("BOTH hosts", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vm_that_ran_and_runs_nowhere_any_more_is_not_called_rolled_back()
    {
        var verdict = Judge(SourceCrashed, TestData.Absent("kvm2"));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.Contains("NEITHER host", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vm_that_was_shut_off_right_after_it_arrived_has_moved() =>
        Assert.Equal(MigrationOutcome.Completed, Judge(SourceMigrated, DestinationShutOff).Outcome);

    [Fact]
    public void A_host_that_was_not_seen_leaves_the_outcome_open()
    {
        var verdict = Judge(SourceRuns, TestData.Unseen("kvm2"));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.Contains("no route to host", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("Start it nowhere", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VmState.Paused, 13, VmState.Running, 11)]
    [InlineData(VmState.Paused, 13, VmState.Paused, 13)]
    public void Broken_post_copy_is_named(VmState here, int hereReason, VmState there, int thereReason)
    {
        var verdict = Judge(TestData.Instance("kvm1", here, hereReason), TestData.Instance("kvm2", there, thereReason));

        Assert.Equal(MigrationOutcome.PostCopyPaused, verdict.Outcome);
        Assert.Contains("Destroy neither", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VmState.Paused, 13, VmState.Running, 10)]
    [InlineData(VmState.Paused, 12, VmState.Running, 11)]
    public void Post_copy_that_one_daemon_lost_sight_of_may_still_end_by_itself(VmState here, int hereReason, VmState there, int thereReason)
    {
        var verdict = Judge(TestData.Instance("kvm1", here, hereReason), TestData.Instance("kvm2", there, thereReason));

        Assert.Equal(MigrationOutcome.PostCopyPaused, verdict.Outcome);
        Assert.True(verdict.IsInProgress);
        Assert.Contains("Destroy neither half", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Post_copy_that_both_daemons_see_is_under_way()
    {
        var verdict = Judge(TestData.Instance("kvm1", VmState.Paused, 12), TestData.Instance("kvm2", VmState.Running, 10));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.True(verdict.IsInProgress);
    }

    [Theory]
    [InlineData(VmState.Paused, 13, VmState.ShutOff, 3)]
    [InlineData(VmState.ShutOff, 3, VmState.Running, 11)]
    public void A_half_without_the_other_is_lost_and_not_called_resumable(VmState here, int hereReason, VmState there, int thereReason)
    {
        var verdict = Judge(TestData.Instance("kvm1", here, hereReason), TestData.Instance("kvm2", there, thereReason));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.False(verdict.IsInProgress);
        Assert.Contains("is gone", verdict.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("resume", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_whose_other_can_t_be_seen_is_kept()
    {
        var verdict = Judge(TestData.Instance("kvm1", VmState.Paused, 13), TestData.Unseen("kvm2"));

        Assert.Equal(MigrationOutcome.PostCopyPaused, verdict.Outcome);
        Assert.Contains("Destroy neither", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("no route to host", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VmState.Paused, 13, VmState.Running, 2)]
    [InlineData(VmState.ShutOff, 4, VmState.Running, 11)]
    public void A_daemon_that_missed_the_end_is_named(VmState here, int hereReason, VmState there, int thereReason)
    {
        var verdict = Judge(TestData.Instance("kvm1", here, hereReason), TestData.Instance("kvm2", there, thereReason));

        Assert.True(verdict.IsInProgress);
        Assert.Contains("All memory of 'db1' has reached 'kvm2'", verdict.Message, StringComparison.Ordinal);
        Assert.Contains($"restart libvirt's daemon on '{(here == VmState.Paused ? "kvm1" : "kvm2")}'", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_guest_that_still_fetches_memory_has_not_arrived_yet()
    {
        var verdict = Judge(SourceMigrated, TestData.Instance("kvm2", VmState.Running, 10));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.True(verdict.IsInProgress);
    }

    [Fact]
    public void A_source_that_still_holds_the_guest_back_is_under_way() =>
        Assert.True(Judge(SourceMigrating, TestData.Absent("kvm2")).IsInProgress);

    [Fact]
    public void Whatever_the_hosts_say_a_completed_move_never_leaves_the_guest_executing_on_the_source()
    {
        var side = Gen.OneOf(
            Gen.Select(Gen.Int[0, 7], Gen.Int[0, 13], Gen.Bool).Select(t => new VmInstance
            {
                VmHost = TestData.Host("kvm"),
                Status = new((VmState)t.Item1, t.Item2),
                IsPersistent = t.Item3,
            }),
            Gen.Const(TestData.Absent("kvm")),
            Gen.Const(TestData.Unseen("kvm")));

        Gen.Select(side, side, Gen.Bool).Sample((source, destination, wasActive) =>
        {
            var verdict = MigrationVerdict.Of("db1", TestData.Uuid, source, destination, wasActive);
            return verdict.Outcome switch
            {
                MigrationOutcome.Completed => !source.IsActive && destination.Status is not null && source.IsKnown,
                MigrationOutcome.RolledBack => !destination.IsActive && source.Status is not null && (source.IsActive || !wasActive),
                _ => verdict.Message.Length > 0,
            };
        });
    }

    private static VmMigrationVerification Judge(VmInstance source, VmInstance destination) =>
        MigrationVerdict.Of("db1", TestData.Uuid, source, destination, wasActive: true);
}
