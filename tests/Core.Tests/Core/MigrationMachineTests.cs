using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using Xunit;
using static VirtMigrate.Tests.Core.MachineRun;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationMachineTests
{
    private static readonly VmInstance SourceRuns = TestData.Instance("kvm1", VmState.Running, 1);
    private static readonly VmInstance SourceMigrated = TestData.Instance("kvm1", VmState.ShutOff, 4);
    private static readonly VmInstance DestinationRuns = TestData.Instance("kvm2", VmState.Running, 2);
    private static readonly VmInstance DestinationAbsent = TestData.Absent("kvm2");
    private static readonly HostConnectionLostException Lost = new(new(LibvirtErrorCode.Rpc, 7, "End of file while reading data"), HostAddress.Parse("kvm1"));

    [Fact]
    public void A_job_that_was_seen_only_after_the_call_was_lost_proves_nothing_when_it_is_gone()
    {
        var run = new MachineRun(outlivesClient: true);
        run.At(0.05, new MigrationEvent.CallFailed(Lost, WasMade: true));
        run.At(0.08, Job(0.03));
        run.At(1, new MigrationEvent.StopRequested());
        Assert.Contains(run.At(1.01, Job(0.9)), c => c is MigrationCommand.Request { What: MigrationRequested.Abort });
        run.LookForJob(1.2, NoJob);
        Assert.Equal(MigrationStage.Stopping, run.Stage);
        run.LookForJob(3.3, NoJob);
        Assert.Equal(MigrationStage.Verifying, run.Stage);

        run.Answer(3.4, SourceRuns, DestinationAbsent);
        run.At(24, new MigrationEvent.Elapsed(MigrationTimer.Settle));

        Assert.Equal((MigrationOutcome.Unknown, true), (run.Verification?.Outcome, run.Verification?.MayTakeEffect));
    }

    [Fact]
    public void A_lost_call_is_over_when_its_job_is_and_none_follows_it()
    {
        var run = new MachineRun(outlivesClient: true);
        run.LookForJob(0.1, Job(0.08));
        run.At(0.2, new MigrationEvent.CallFailed(Lost, WasMade: true));
        run.LookForJob(0.5, NoJob);
        run.LookForJob(1, Job(0.3));
        run.LookForJob(2, NoJob);
        run.LookForJob(3, NoJob);
        Assert.Equal(MigrationStage.Moving, run.Stage);
        run.LookForJob(4.1, NoJob);

        run.Answer(4.2, SourceRuns, DestinationAbsent);

        Assert.Equal(MigrationOutcome.RolledBack, run.Verification?.Outcome);
    }

    [Theory]
    [InlineData(0.001, 0.05, true)]
    [InlineData(0.001, 0.106, true)]
    [InlineData(0.001, 0.13, false)]
    [InlineData(5, 0.05, true)]
    [InlineData(5, 3, false)]
    public void A_job_is_aborted_only_where_it_may_be_no_older_than_the_call(double took, double elapsed, bool isAborted)
    {
        var run = new MachineRun(outlivesClient: false);
        run.At(0.1, new MigrationEvent.StopRequested());

        Assert.Equal(isAborted, run.At(0.1 + took, Job(elapsed)).Any(c => c is MigrationCommand.Request { What: MigrationRequested.Abort }));
    }

    [Fact]
    public void A_look_that_was_answered_long_before_anything_is_concluded_is_repeated()
    {
        var run = new MachineRun(outlivesClient: false);
        run.At(1, new MigrationEvent.CallReturned());
        run.At(1.01, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationRuns));
        Assert.Contains(run.At(8, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceMigrated)), c => c is MigrationCommand.LookAt { End: MigrationEnd.Destination });

        run.At(8.01, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, TestData.Instance("kvm2", VmState.ShutOff, 0)));

        Assert.NotEqual(MigrationOutcome.Completed, run.Verification?.Outcome);
    }

    [Fact]
    public void What_the_first_host_showed_while_the_other_took_its_time_is_looked_at_again()
    {
        var run = new MachineRun(outlivesClient: false);
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("refused"), WasMade: true));
        run.Answer(1.01, MigrationEnd.Source, SourceRuns);
        run.Answer(1.1, MigrationEnd.Destination, DestinationAbsent);
        Assert.Equal(MigrationStage.Verifying, run.Stage);

        run.At(1.11, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceRuns with { IsPersistent = false }));
        run.At(1.12, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationAbsent));

        Assert.Equal(MigrationOutcome.StayedChanged, run.Verification?.Outcome);
    }

    [Fact]
    public void A_look_that_took_long_and_is_no_longer_young_at_the_end_of_the_time_to_look_is_not_known()
    {
        var run = new MachineRun(outlivesClient: false);
        run.At(1, new MigrationEvent.CallReturned());
        run.At(13, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationRuns));
        run.At(21, new MigrationEvent.Elapsed(MigrationTimer.Settle));
        run.At(22, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceMigrated));

        Assert.Equal(MigrationOutcome.Unknown, run.Verification?.Outcome);
        Assert.Contains("9 s ago", run.Verification?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_defect_of_the_engine_ends_the_migration_and_the_VM_is_looked_up()
    {
        var run = new MachineRun(outlivesClient: false);
        run.At(1, new MigrationEvent.Defect(new InvalidOperationException("a defect")));
        Assert.Equal(MigrationStage.Stopping, run.Stage);
        run.At(2, new MigrationEvent.CallReturned());
        run.Answer(2.01, SourceMigrated, DestinationRuns);

        Assert.Equal(MigrationOutcome.Completed, run.Verification?.Outcome);
    }

    [Fact]
    public void A_broken_half_is_named_although_the_other_host_never_answers()
    {
        var run = new MachineRun(outlivesClient: false);
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("failed in post-copy phase"), WasMade: true));
        run.Answer(1.01, MigrationEnd.Source, TestData.Instance("kvm1", VmState.Paused, 13));
        run.At(21, new MigrationEvent.Elapsed(MigrationTimer.Settle));
        run.Answer(21.1, MigrationEnd.Destination, TestData.Unseen("kvm2"));

        Assert.Equal(MigrationOutcome.PostCopyPaused, run.Verification?.Outcome);
    }

    [Fact]
    public void A_guest_that_stays_paused_is_given_up_when_its_job_is_over()
    {
        var paused = TestData.Instance("kvm1", VmState.Paused, 2);
        var run = new MachineRun(outlivesClient: false);
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException(OutcomeFailures.Stopped, new HypervisorError(LibvirtErrorCode.OperationAborted, 10, "aborted"), HostAddress.Parse("kvm1")), WasMade: true));
        run.Answer(1.01, paused, DestinationAbsent);
        Assert.Contains(run.At(1.1, new MigrationEvent.Elapsed(MigrationTimer.Look)), c => c is MigrationCommand.ReadJob);
        run.At(1.11, new MigrationEvent.JobSeen(NoJob));
        run.Answer(1.12, paused, DestinationAbsent);
        run.At(1.2, new MigrationEvent.Elapsed(MigrationTimer.Look));
        run.At(1.21, new MigrationEvent.JobSeen(NoJob));
        run.Answer(1.22, paused, DestinationAbsent);

        Assert.Equal(MigrationOutcome.StayedChanged, run.Verification?.Outcome);
    }

    [Fact]
    public void A_look_that_was_repeated_and_found_the_same_counts_however_long_the_other_host_took()
    {
        var run = new MachineRun();
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("refused"), WasMade: true));
        run.Answer(1.01, MigrationEnd.Source, SourceRuns);
        run.Answer(8, MigrationEnd.Destination, DestinationAbsent);
        Assert.Equal(MigrationStage.Verifying, run.Stage);

        run.At(8.5, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceRuns));

        Assert.Equal(MigrationOutcome.RolledBack, run.Verification?.Outcome);
    }

    [Fact]
    public void Looks_that_were_answered_as_far_apart_as_is_still_one_time_are_not_repeated()
    {
        var run = new MachineRun();
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("refused"), WasMade: true));
        run.Answer(2, MigrationEnd.Source, SourceRuns);
        run.Answer(2 + MigrationDeadlines.OneTime.TotalSeconds, MigrationEnd.Destination, DestinationAbsent);

        Assert.Equal(MigrationOutcome.RolledBack, run.Verification?.Outcome);
    }

    [Fact]
    public void Both_hosts_are_looked_at_again_as_soon_as_a_call_that_was_not_waited_for_has_ended()
    {
        var run = new MachineRun();
        run.At(0.1, new MigrationEvent.StopRequested());
        run.At(40.1, new MigrationEvent.Elapsed(MigrationTimer.Stop));
        run.Answer(40.2, SourceRuns, DestinationAbsent);
        Assert.Equal(MigrationStage.Verifying, run.Stage);

        Assert.Contains(run.At(40.3, new MigrationEvent.CallReturned()),
            c => c is MigrationCommand.Arm { Timer: MigrationTimer.Look } arm && arm.After == MigrationDeadlines.FirstLook);
    }

    [Fact]
    public void A_guest_of_which_nothing_is_left_is_looked_for_once_more_since_the_event_of_its_end_may_be_late()
    {
        var (here, there) = (TestData.Instance("kvm1", VmState.ShutOff, 0), DestinationAbsent);
        var run = new MachineRun();
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("refused"), WasMade: true));
        run.Answer(1.01, here, there);
        Assert.Equal(MigrationStage.Verifying, run.Stage);

        var crash = new LifecycleEvent(TestData.Uuid, LifecycleEvent.Stopped, LifecycleEvent.StoppedCrashed);
        run.At(1.02, new MigrationEvent.Heard(MigrationEnd.Source, crash));
        run.At(1.03, new MigrationEvent.Elapsed(MigrationTimer.Look));
        run.Answer(1.04, here, there);

        Assert.Equal(MigrationOutcome.GuestCrashed, run.Verification?.Outcome);
    }

    [Fact]
    public void A_job_that_has_moved_nothing_yet_is_aborted_though_its_call_is_lost()
    {
        var run = new MachineRun(outlivesClient: true);
        run.LookForJob(0.1, Job(0.08, total: 0, remaining: 0));
        run.At(0.2, new MigrationEvent.CallFailed(Lost, WasMade: true));
        run.At(0.21, new MigrationEvent.StopRequested());

        Assert.Contains(run.At(0.22, Job(0.2, total: 0, remaining: 0)), c => c is MigrationCommand.Request { What: MigrationRequested.Abort });
    }

    [Fact]
    public void A_job_whose_call_is_lost_is_waited_for_while_it_moves_anything_and_not_much_longer()
    {
        var run = new MachineRun(outlivesClient: true);
        run.LookForJob(0.1, Job(0.08, remaining: 90));
        run.At(0.2, new MigrationEvent.CallFailed(Lost, WasMade: true));
        run.LookForJob(1, Job(0.98, remaining: 80));
        run.LookForJob(20, Job(19.98, remaining: 70));
        run.LookForJob(40, Job(39.98, remaining: 60));
        run.LookForJob(69, Job(68.98, remaining: 60));
        Assert.Equal(MigrationStage.Moving, run.Stage);

        run.LookForJob(71, Job(70.98, remaining: 60));

        Assert.Equal(MigrationStage.Verifying, run.Stage);
    }

    [Theory]
    [InlineData(LifecycleEvent.Stopped, LifecycleEvent.StoppedMigrated, MigrationOutcome.Completed)]
    [InlineData(LifecycleEvent.Suspended, LifecycleEvent.SuspendedMigrated, MigrationOutcome.Unknown)]
    public void The_source_says_that_the_VM_has_moved_only_by_its_end_as_migrated(int kind, int detail, MigrationOutcome outcome)
    {
        var run = new MachineRun();
        run.At(0.9, new MigrationEvent.Heard(MigrationEnd.Source, new LifecycleEvent(TestData.Uuid, kind, detail)));
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("refused"), WasMade: true));
        run.Answer(1.01, TestData.Absent("kvm1"), DestinationRuns);
        run.At(1.1, new MigrationEvent.Elapsed(MigrationTimer.Look));
        run.Answer(1.11, TestData.Absent("kvm1"), DestinationRuns);

        Assert.Equal(outcome, run.Verification?.Outcome);
    }

    [Fact]
    public void A_migration_whose_time_is_up_says_so()
    {
        var run = new MachineRun(with: p => p with { Options = p.Options.With(MigrationOptions.Timeout, 5) });
        run.At(5, new MigrationEvent.Elapsed(MigrationTimer.Timeout));
        var aborted = new HypervisorException(OutcomeFailures.Stopped, new HypervisorError(LibvirtErrorCode.OperationAborted, 10, "aborted"), HostAddress.Parse("kvm1"));
        run.At(5.1, new MigrationEvent.CallFailed(aborted, WasMade: true));
        run.Answer(5.2, SourceRuns, DestinationAbsent);

        Assert.Equal((StopReason.TimedOut, false), (run.Conclusion?.Stopping, run.Conclusion?.IsStopRequested));
        Assert.Same(aborted, run.Conclusion?.Failure);
    }

    [Fact]
    public void The_figures_of_a_migration_that_went_well_are_read_once_and_on_the_destination()
    {
        var run = new MachineRun();
        var asked = new List<MigrationCommand>(run.At(1, new MigrationEvent.CallReturned()));
        asked.AddRange(run.At(1.01, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceMigrated)));
        asked.AddRange(run.At(1.01, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationRuns)));

        Assert.Equal([MigrationEnd.Destination], asked.OfType<MigrationCommand.ReadCompleted>().Select(c => c.End));
        Assert.Equal(MigrationOutcome.Completed, run.Verification?.Outcome);
    }

    [Theory]
    [InlineData("<domain>new</domain>", Definition, MigrationOutcome.Completed)]
    [InlineData(Definition, null, MigrationOutcome.Unknown)]
    [InlineData(Definition, Definition, MigrationOutcome.RolledBack)]
    public void A_definition_has_arrived_only_where_the_destination_did_not_have_it_before(string before, string? kept, MigrationOutcome outcome)
    {
        var offline = MigrationOptionSet.Empty.With(MigrationOptions.Offline, true).With(MigrationOptions.UndefineSource, true);
        var run = new MachineRun(with: p => p with { Vm = TestData.Vm(VmState.ShutOff), Options = offline }, definitionThere: before);
        run.At(1, new MigrationEvent.CallFailed(new HypervisorException("failed at the end"), WasMade: true));
        run.At(1.01, new MigrationEvent.DefinitionSeen(MigrationEnd.Source, kept, IsKnown: true));
        run.At(1.01, new MigrationEvent.DefinitionSeen(MigrationEnd.Destination, Definition, IsKnown: true));
        run.Answer(1.01, MigrationEnd.Source, kept is null ? TestData.Absent("kvm1") : TestData.Instance("kvm1", VmState.ShutOff, 0));
        run.Answer(1.01, MigrationEnd.Destination, TestData.Instance("kvm2", VmState.ShutOff, 0));
        run.At(2, new MigrationEvent.Elapsed(MigrationTimer.Settle));

        Assert.Equal(outcome, run.Verification?.Outcome);
    }

    [Fact]
    public void A_limit_that_was_refused_and_put_back_is_not_warned_of()
    {
        var policy = new MigrationPolicy
        {
            Name = "step",
            Steps = [new() { AfterIterations = 1, Action = MigrationAction.SetMaxDowntime, MaxDowntime = TimeSpan.FromSeconds(1) }],
        };
        var run = new MachineRun(with: p => p with { Policy = policy });
        const long Total = 1L << 40;
        for (var pass = 1; pass <= 2; pass++)
        {
            run.LookForJob(pass, Job(pass, Total, Total - (pass << 20), pass));
        }

        Assert.Contains(run.At(3, Job(3, Total, Total - (3 << 20), 3)),
            c => c is MigrationCommand.Request { What: MigrationRequested.ReadMaxDowntime });
        Assert.Contains(run.At(3.1, new MigrationEvent.MaxDowntimeSeen(MigrationLimits.UsualMaxDowntime)),
            c => c is MigrationCommand.Request { What: MigrationRequested.SetMaxDowntime });
        run.At(3.2, new MigrationEvent.Refused(MigrationRequested.SetMaxDowntime, new HypervisorException("refused")));
        run.At(4, new MigrationEvent.CallFailed(new HypervisorException("broken off"), WasMade: true));
        run.At(4.01, new MigrationEvent.JobSeen(NoJob));
        run.Answer(4.01, SourceRuns, DestinationAbsent);
        Assert.Equal(MigrationStage.Closing, run.Stage);

        run.At(4.2, new MigrationEvent.Done(MigrationRequested.SetMaxDowntime));

        Assert.Equal(MigrationOutcome.RolledBack, run.Verification?.Outcome);
        Assert.Equal([], run.Conclusion!.Warnings);
    }
}
