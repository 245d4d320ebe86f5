using VirtMigrate.Hypervisor;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using Xunit;

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
        var run = new Run(outlivesClient: true);
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
        var run = new Run(outlivesClient: true);
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
    [InlineData(0.001, 0.13, false)]
    [InlineData(5, 0.05, true)]
    [InlineData(5, 3, false)]
    public void A_job_is_aborted_only_where_it_may_be_no_older_than_the_call(double took, double elapsed, bool isAborted)
    {
        var run = new Run(outlivesClient: false);
        run.At(0.1, new MigrationEvent.StopRequested());

        Assert.Equal(isAborted, run.At(0.1 + took, Job(elapsed)).Any(c => c is MigrationCommand.Request { What: MigrationRequested.Abort }));
    }

    [Fact]
    public void A_look_that_was_answered_long_before_anything_is_concluded_is_repeated()
    {
        var run = new Run(outlivesClient: false);
        run.At(1, new MigrationEvent.CallReturned());
        run.At(1.01, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, DestinationRuns));
        Assert.Contains(run.At(8, new MigrationEvent.InstanceSeen(MigrationEnd.Source, SourceMigrated)), c => c is MigrationCommand.LookAt { End: MigrationEnd.Destination });

        run.At(8.01, new MigrationEvent.InstanceSeen(MigrationEnd.Destination, TestData.Instance("kvm2", VmState.ShutOff, 0)));

        Assert.NotEqual(MigrationOutcome.Completed, run.Verification?.Outcome);
    }

    [Fact]
    public void What_the_first_host_showed_while_the_other_took_its_time_is_looked_at_again()
    {
        var run = new Run(outlivesClient: false);
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
        var run = new Run(outlivesClient: false);
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
        var run = new Run(outlivesClient: false);
        run.At(1, new MigrationEvent.Defect(new InvalidOperationException("a defect")));
        Assert.Equal(MigrationStage.Stopping, run.Stage);
        run.At(2, new MigrationEvent.CallReturned());
        run.Answer(2.01, SourceMigrated, DestinationRuns);

        Assert.Equal(MigrationOutcome.Completed, run.Verification?.Outcome);
    }

    [Fact]
    public void A_broken_half_is_named_although_the_other_host_never_answers()
    {
        var run = new Run(outlivesClient: false);
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
        var run = new Run(outlivesClient: false);
        run.At(1, new MigrationEvent.CallFailed(new JobAbortedException(new(LibvirtErrorCode.OperationAborted, 10, "aborted"), HostAddress.Parse("kvm1")), WasMade: true));
        run.Answer(1.01, paused, DestinationAbsent);
        Assert.Contains(run.At(1.1, new MigrationEvent.Elapsed(MigrationTimer.Look)), c => c is MigrationCommand.ReadJob);
        run.At(1.11, new MigrationEvent.JobSeen(NoJob));
        run.Answer(1.12, paused, DestinationAbsent);
        run.At(1.2, new MigrationEvent.Elapsed(MigrationTimer.Look));
        run.At(1.21, new MigrationEvent.JobSeen(NoJob));
        run.Answer(1.22, paused, DestinationAbsent);

        Assert.Equal(MigrationOutcome.StayedChanged, run.Verification?.Outcome);
    }

    private static JobReading NoJob => new(null);

    private static MigrationEvent.JobSeen Job(double elapsed) =>
        new(new JobReading(new JobStatistics { Operation = JobOperation.MigrationOut, Elapsed = TimeSpan.FromSeconds(elapsed), DataTotal = 100, DataRemaining = 50 }));

    // A machine whose call was made at 0 s.
    private sealed class Run
    {
        private readonly MigrationMachine _machine;

        public Run(bool outlivesClient)
        {
            var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true);
            _machine = new(new(TestData.Vm(VmState.Running), null!, null!, TestData.Host(), TestData.Host("kvm2"), options, MigrationLimits.None), outlivesClient);
            At(0, new MigrationEvent.Begun());
            foreach (var end in (MigrationEnd[])[MigrationEnd.Source, MigrationEnd.Destination])
            {
                At(0, new MigrationEvent.Listening(end));
                At(0, new MigrationEvent.CompletedSeen(end, null));
            }

            Assert.Equal(MigrationStage.Moving, Stage);
        }

        public MigrationStage Stage => _machine.Stage;

        public VmMigrationVerification? Verification { get; private set; }

        public IReadOnlyList<MigrationCommand> At(double seconds, MigrationEvent happened)
        {
            var commands = _machine.Step(happened, TimeSpan.FromSeconds(seconds));
            Verification = commands.OfType<MigrationCommand.Conclude>().FirstOrDefault()?.Conclusion.Verification ?? Verification;

            // The last readings find nothing.
            foreach (var end in Stage == MigrationStage.Closing ? commands.OfType<MigrationCommand.ReadCompleted>().Select(c => c.End).ToArray() : [])
            {
                At(seconds, new MigrationEvent.CompletedSeen(end, null));
            }

            return commands;
        }

        public void LookForJob(double seconds, MigrationEvent.JobSeen seen)
        {
            At(seconds, new MigrationEvent.Elapsed(MigrationTimer.Poll));
            At(seconds, seen);
        }

        public void LookForJob(double seconds, JobReading reading) => LookForJob(seconds, new MigrationEvent.JobSeen(reading));

        public void Answer(double seconds, MigrationEnd end, VmInstance instance)
        {
            At(seconds, new MigrationEvent.CompletedSeen(end, null));
            At(seconds, new MigrationEvent.InstanceSeen(end, instance));
        }

        public void Answer(double seconds, VmInstance source, VmInstance destination)
        {
            Answer(seconds, MigrationEnd.Source, source);
            Answer(seconds, MigrationEnd.Destination, destination);
        }
    }
}
