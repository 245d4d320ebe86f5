using VirtMigrate.Migration;
using VirtMigrate.Tests.Help;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class MigrationVerdictTests
{
    private static readonly VmInstance SourceRuns = TestData.Instance("kvm1", VmState.Running, 1);
    private static readonly VmInstance SourceMigrated = TestData.Instance("kvm1", VmState.ShutOff, 4);
    private static readonly VmInstance DestinationRuns = TestData.Instance("kvm2", VmState.Running, 2);
    private static readonly VmInstance DestinationShutOff = TestData.Instance("kvm2", VmState.ShutOff, 0);
    private static readonly VmInstance DestinationAbsent = TestData.Absent("kvm2");
    private static readonly VmStatus Ran = new(VmState.Running, 1);
    private static readonly VmStatus WasOff = new(VmState.ShutOff, 0);

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
    public void An_old_definition_on_the_destination_proves_nothing()
    {
        var refused = Of(TestData.Instance("kvm1", VmState.ShutOff, 0), DestinationShutOff, CallState.Failed, WasOff) with { LeftoverBefore = WasOff };

        Assert.Equal(MigrationOutcome.RolledBack, MigrationVerdict.Of(refused).Outcome);
        Assert.Equal(MigrationOutcome.Completed, MigrationVerdict.Of(refused with { Call = CallState.Succeeded }).Outcome);
        Assert.Equal(MigrationOutcome.Completed, MigrationVerdict.Of(refused with { Call = CallState.Lost, DefinitionArrived = true }).Outcome);
    }

    [Fact]
    public void A_guest_that_died_on_the_way_has_not_moved_to_an_old_definition()
    {
        var evidence = Of(TestData.Instance("kvm1", VmState.ShutOff, 3), DestinationShutOff, CallState.Foreign, Ran) with { LeftoverBefore = WasOff };

        Assert.Equal(MigrationOutcome.GuestCrashed, MigrationVerdict.Of(evidence).Outcome);
    }

    [Fact]
    public void A_vm_that_the_destination_has_and_the_source_does_not_let_go_as_migrated_came_by_another_way()
    {
        var evidence = Of(TestData.Instance("kvm1", VmState.ShutOff, 3), DestinationRuns, CallState.Failed, Ran);

        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(evidence).Outcome);
        Assert.Equal(MigrationOutcome.Completed, MigrationVerdict.Of(evidence with { SourceSaidMoved = true }).Outcome);
    }

    [Theory]
    [InlineData(1, MigrationOutcome.GuestShutDown)]
    [InlineData(2, MigrationOutcome.GuestDestroyed)]
    [InlineData(3, MigrationOutcome.GuestCrashed)]
    public void The_end_of_the_guest_is_named_with_the_host_on_which_it_ended(int reason, MigrationOutcome outcome)
    {
        var before = Judge(TestData.Instance("kvm1", VmState.ShutOff, reason), DestinationAbsent, CallState.Failed);
        var after = Judge(SourceMigrated, TestData.Instance("kvm2", VmState.ShutOff, reason), CallState.Succeeded);

        Assert.Equal((outcome, outcome), (before.Outcome, after.Outcome));
        Assert.Contains("on 'kvm1'", before.Message, StringComparison.Ordinal);
        Assert.Contains("moved to 'kvm2'", after.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CallState.Out)]
    [InlineData(CallState.Adrift)]
    public void While_the_call_may_take_effect_nothing_was_rolled_back(object call)
    {
        var verdict = Judge(SourceRuns, DestinationAbsent, (CallState)call);

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.True(verdict.MayTakeEffect);
        Assert.Contains("may still take effect", verdict.Message, StringComparison.Ordinal);
        Assert.False(Judge(SourceRuns, DestinationAbsent, CallState.Failed).MayTakeEffect);
    }

    [Fact]
    public void A_guest_that_ran_and_is_paused_now_is_not_as_before()
    {
        var evidence = Of(TestData.Instance("kvm1", VmState.Paused, 5), DestinationAbsent, CallState.Failed, Ran);

        Assert.Equal(MigrationOutcome.StayedChanged, MigrationVerdict.Of(evidence).Outcome);
        Assert.Equal(MigrationOutcome.RolledBack, MigrationVerdict.Of(evidence with { Before = new VmStatus(VmState.Paused, 1) }).Outcome);
    }

    [Fact]
    public void A_definition_that_is_left_on_the_destination_is_said()
    {
        var verdict = Judge(SourceRuns, DestinationShutOff, CallState.Failed);

        Assert.Equal(MigrationOutcome.RolledBack, verdict.Outcome);
        Assert.DoesNotContain("only there", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("'kvm2' has a definition of it (shut off (unknown)), which was not there before.", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_vm_that_is_shut_off_and_defined_on_both_hosts_is_judged_by_the_source_s_reason_alone()
    {
        Assert.Equal(MigrationOutcome.Unknown, Unasked(TestData.Instance("kvm1", VmState.ShutOff, 0), DestinationShutOff));
        Assert.Equal(MigrationOutcome.Completed, Unasked(SourceMigrated, DestinationShutOff));
        Assert.Equal(MigrationOutcome.Unknown, Unasked(SourceMigrated, TestData.Instance("kvm2", VmState.ShutOff, 4)));
        Assert.Equal(MigrationOutcome.GuestShutDown, Unasked(TestData.Instance("kvm1", VmState.ShutOff, 1), TestData.Instance("kvm2", VmState.ShutOff, 4)));

        static MigrationOutcome Unasked(VmInstance source, VmInstance destination) =>
            MigrationVerdict.Of(Of(source, destination, CallState.Foreign, before: null)).Outcome;
    }

    [Fact]
    public void A_guest_that_ended_on_the_destination_in_post_copy_did_so_whatever_became_of_the_half_on_the_source()
    {
        var halves = Of(TestData.Instance("kvm1", VmState.ShutOff, 3), TestData.Instance("kvm2", VmState.ShutOff, 1), CallState.Failed, Ran) with { WasInPostCopy = true };
        var gone = Of(TestData.Absent("kvm1"), DestinationAbsent, CallState.Failed, Ran) with
        {
            WasInPostCopy = true, RanInPostCopy = true, SourceEnd = InstanceState.Destroyed, DestinationEnd = InstanceState.Crashed,
        };

        Assert.Equal(MigrationOutcome.GuestShutDown, MigrationVerdict.Of(halves).Outcome);
        Assert.Contains("on 'kvm2'", MigrationVerdict.Of(halves).Message, StringComparison.Ordinal);
        Assert.Equal(MigrationOutcome.GuestCrashed, MigrationVerdict.Of(gone).Outcome);
        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(gone with { RanInPostCopy = false, DestinationEnd = null }).Outcome);
        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(halves with { LeftoverBefore = new VmStatus(VmState.ShutOff, 1) }).Outcome);
    }

    [Fact]
    public void A_guest_that_a_migration_left_paused_has_stayed_when_neither_call_nor_job_carries_it_on()
    {
        var left = Of(TestData.Instance("kvm1", VmState.Paused, 2), DestinationAbsent, CallState.Failed, Ran);

        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(left).Outcome);
        Assert.Equal(MigrationOutcome.StayedChanged, MigrationVerdict.Of(left with { IsJobOver = true }).Outcome);
        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(left with { IsJobOver = true, Call = CallState.Adrift }).Outcome);
        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(left with { IsJobOver = true, Destination = TestData.Instance("kvm2", VmState.Paused, 2) }).Outcome);
    }

    [Fact]
    public void A_half_that_failed_to_start_has_not_come_whatever_an_account_tells()
    {
        var failed = Of(SourceMigrated, TestData.Instance("kvm2", VmState.ShutOff, 6), CallState.Failed, Ran) with { SourceSaidMoved = true, DestinationSaidMoved = true };

        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(failed).Outcome);
        Assert.Equal(MigrationOutcome.ArrivedChanged, MigrationVerdict.Of(failed with { Destination = DestinationShutOff }).Outcome);
    }

    [Fact]
    public void Two_running_instances_are_an_alarm_and_not_a_success()
    {
        var verdict = Judge(SourceRuns, DestinationRuns);

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.False(verdict.IsInProgress);
        Assert.Equal(2, verdict.RunningInstances);
        Assert.Null(verdict.RunsOn);
        Assert.Contains("on BOTH", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_was_not_seen_leaves_the_outcome_open()
    {
        var verdict = Judge(SourceRuns, TestData.Unseen("kvm2"));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.Contains("no route to host", verdict.Message, StringComparison.Ordinal);
        Assert.Contains("Don't start it on either host", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VmState.Paused, 13, VmState.Running, 11, false)]
    [InlineData(VmState.Paused, 13, VmState.Paused, 13, false)]
    [InlineData(VmState.Paused, 13, VmState.Running, 10, true)]
    [InlineData(VmState.Paused, 12, VmState.Running, 11, true)]
    public void Broken_post_copy_is_named_and_may_end_by_itself_where_one_daemon_only_lost_sight(
        VmState here, int hereReason, VmState there, int thereReason, bool isInProgress)
    {
        var verdict = Judge(TestData.Instance("kvm1", here, hereReason), TestData.Instance("kvm2", there, thereReason));

        Assert.Equal(MigrationOutcome.PostCopyPaused, verdict.Outcome);
        Assert.Equal(isInProgress, verdict.IsInProgress);
        Assert.Contains("Destroy neither", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_half_without_the_other_is_lost_and_not_called_resumable()
    {
        var verdict = Judge(TestData.Instance("kvm1", VmState.ShutOff, 3), TestData.Instance("kvm2", VmState.Running, 11));

        Assert.Equal(MigrationOutcome.Unknown, verdict.Outcome);
        Assert.False(verdict.IsInProgress);
        Assert.Contains("is gone", verdict.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("resume", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void What_the_destination_had_before_tells_nothing_of_the_half_that_was_there(int reason)
    {
        var leftover = TestData.Instance("kvm2", VmState.ShutOff, reason);
        var evidence = Of(TestData.Instance("kvm1", VmState.Paused, 13), leftover, CallState.Failed, Ran) with { WasInPostCopy = true, LeftoverBefore = leftover.Status };

        Assert.Equal(MigrationOutcome.Unknown, MigrationVerdict.Of(evidence).Outcome);
        Assert.False(MigrationVerdict.Of(evidence).IsInProgress);
        Assert.StartsWith("Half of 'db1' is gone", MigrationVerdict.Of(evidence).Message, StringComparison.Ordinal);
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
        Assert.Contains($"restart libvirt on '{(here == VmState.Paused ? "kvm1" : "kvm2")}'", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_combination_of_evidence_leads_to_more_than_it_says()
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        foreach (var evidence in Everything())
        {
            var row = MigrationVerdict.Find(evidence);
            reached.Add(row.When);
            if (Objection(evidence, row) is { } objection)
            {
                Assert.Fail($"{row.Outcome} ({row.When}) {objection}: {evidence}");
            }
        }

        Assert.Equal([], MigrationVerdict.Table.Select(r => r.When).Where(w => !reached.Contains(w)));
    }

    [Fact]
    public void The_page_has_the_table()
    {
        var told = File.ReadLines(Path.Combine(HelpPage.Folder, "about_VmMigration.md"))
            .SkipWhile(l => !l.StartsWith("| Evidence |", StringComparison.Ordinal)).Skip(2).TakeWhile(l => l.StartsWith('|'));

        Assert.Equal(string.Join('\n', MigrationVerdict.Table.Select(r => $"| {r.When} | {r.Outcome} |")), string.Join('\n', told));
    }

    // What no verdict may say, told without the table: the promises that a result makes.
    private static string? Objection(MigrationEvidence e, VerdictRow row) => row.Outcome switch
    {
        MigrationOutcome.Completed when !e.Source.IsKnown || !e.Destination.IsKnown => "with a host that was not seen",
        MigrationOutcome.Completed when e.Source.IsActive => "with the VM active on the source",
        MigrationOutcome.Completed when e.Destination.Status is null => "without the VM on the destination",
        MigrationOutcome.Completed when e.WasActive == true && !e.HasMoved => "though nothing says that it moved",
        MigrationOutcome.Completed when e.WasActive == true && e.Destination.IsExecuting != (e.Before is { IsExecuting: true } && !e.ArrivesPaused) =>
            "in another state than was asked for",
        MigrationOutcome.Completed when e.WasActive == false && e.Call != CallState.Succeeded && !e.DefinitionArrived => "by an old definition",
        MigrationOutcome.RolledBack when e.Call is CallState.Out or CallState.Adrift => "while the call may take effect",
        MigrationOutcome.RolledBack when e.Call is CallState.Succeeded => "though the call said that it moved",
        MigrationOutcome.RolledBack when e.Destination.IsActive || !e.Destination.IsKnown => "with the destination active or not seen",
        MigrationOutcome.RolledBack when e.Before is { } before &&
            (e.Source.IsExecuting != before.IsExecuting || e.Source.IsActive != before.IsActive) => "in another state than before",
        MigrationOutcome.StayedChanged or MigrationOutcome.RolledBack when e.SourceState == InstanceState.Moving && !e.IsJobOver =>
            "while a job may carry the migration on",
        MigrationOutcome.GuestShutDown or MigrationOutcome.GuestDestroyed or MigrationOutcome.GuestCrashed when e.WasInPostCopy && e.WasActive == true &&
            e.DestinationState is not (InstanceState.ShutDown or InstanceState.Destroyed or InstanceState.Crashed) => "though the guest had left the source in post-copy",
        MigrationOutcome.GuestShutDown or MigrationOutcome.GuestDestroyed or MigrationOutcome.GuestCrashed when e.Source.IsExecuting || e.Destination.IsExecuting =>
            "while the guest executes",
        MigrationOutcome.PostCopyPaused when e.SourceState != InstanceState.PostCopyFailed && e.DestinationState != InstanceState.PostCopyFailed =>
            "without a broken half",
        MigrationOutcome.Unknown when IsAtRest(e) && e.Call is CallState.Failed or CallState.Lost or CallState.NotMade && e.WasActive == true &&
            e.Source.IsActive && !e.Destination.IsActive => "though the VM is on the source and the call has ended",
        MigrationOutcome.Unknown when IsAtRest(e) && e.Call == CallState.Succeeded && e.WasActive == true && e.Destination.IsActive && !e.Source.IsActive =>
            "though the VM is on the destination and the call said so",
        _ => null,
    };

    // Both hosts were seen, and neither shows a half of a migration.
    private static bool IsAtRest(MigrationEvidence e)
    {
        InstanceState[] restless = [InstanceState.Unseen, InstanceState.Moving, InstanceState.PostCopy, InstanceState.PostCopyFailed];
        return !restless.Contains(e.SourceState) && !restless.Contains(e.DestinationState);
    }

    private static IEnumerable<MigrationEvidence> Everything()
    {
        VmInstance[] instances =
        [
            TestData.Unseen("kvm"), TestData.Absent("kvm"),
            .. new[] { (5, 0), (5, 1), (5, 2), (5, 3), (5, 4), (5, 5), (6, 0), (1, 1), (1, 2), (1, 5), (1, 10), (1, 11), (3, 1), (3, 2), (3, 5), (3, 11), (3, 12), (3, 13) }
                .Select(s => TestData.Instance("kvm", (VmState)s.Item1, s.Item2)),
        ];
        foreach (var source in instances)
        {
            foreach (var destination in instances)
            {
                foreach (var call in Enum.GetValues<CallState>())
                {
                    // Who made the call knows what was before it.
                    foreach (var before in new VmStatus?[] { Ran, new VmStatus(VmState.Paused, 1), WasOff, null }.Where(b => b is not null || call == CallState.Foreign))
                    {
                        for (var bits = 0; bits < 128; bits++)
                        {
                            // Each of the last two matters to a few states alone.
                            if (((bits & 32) != 0 && MigrationEvidence.Classify(source) != InstanceState.Moving) || ((bits & 64) != 0 && (source.IsExecuting || destination.IsExecuting)))
                            {
                                continue;
                            }

                            yield return Of(source, destination, call, before) with
                            {
                                SourceSaidMoved = (bits & 1) != 0,
                                DestinationSaidMoved = (bits & 2) != 0,
                                DefinitionArrived = (bits & 4) != 0,
                                ArrivesPaused = (bits & 8) != 0,
                                IsRedefined = (bits & 4) == 0 && (bits & 8) != 0,
                                SourceEnd = (bits & 16) != 0 ? InstanceState.Crashed : null,
                                DestinationEnd = (bits & 16) != 0 ? InstanceState.ShutDown : null,
                                IsJobOver = (bits & 32) != 0,
                                WasInPostCopy = (bits & 64) != 0,
                                RanInPostCopy = (bits & 64) != 0 && (bits & 4) != 0,
                            };
                        }
                    }
                }
            }
        }
    }

    private static MigrationEvidence Of(VmInstance source, VmInstance destination, CallState call, VmStatus? before) => new()
    {
        Vm = "db1",
        Uuid = TestData.Uuid,
        Source = source,
        Destination = destination,
        Call = call,
        Before = before,
        WasPersistent = before is null ? null : true,
    };

    private static VmMigrationVerification Judge(VmInstance source, VmInstance destination, CallState call = CallState.Lost) =>
        MigrationVerdict.Of(Of(source, destination, call, Ran));
}
