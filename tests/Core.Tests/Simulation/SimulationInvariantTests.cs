using VirtMigrate.Simulation;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

public sealed class SimulationInvariantTests
{
    private const ulong Runs = 400;

    [Fact]
    public void An_engine_that_believes_its_call_says_that_the_VM_stayed_where_it_did_not() =>
        AssertCaught(NaiveEngines.BelievesTheCall, Invariant.StayedIsProven);

    [Fact]
    public void An_engine_that_believes_its_call_says_that_the_VM_moved_where_it_did_not() =>
        AssertCaught(NaiveEngines.BelievesTheCall, Invariant.CompletedIsProven);

    [Fact]
    public void An_engine_that_takes_an_old_definition_for_a_migration_is_caught() =>
        AssertCaught(NaiveEngines.BelievesAnyDefinition, Invariant.CompletedIsProven);

    [Fact]
    public void An_engine_that_aborts_without_looking_is_caught() => AssertCaught(NaiveEngines.AbortsWithoutLooking, Invariant.AbortIsLookedFor);

    [Fact]
    public void An_engine_that_does_not_hear_a_stop_is_caught() => AssertCaught(NaiveEngines.WaitsForever, Invariant.Ends);

    [Fact]
    public void An_engine_that_throws_is_caught() => AssertCaught(NaiveEngines.Throws, Invariant.ResultIsKept);

    [Fact]
    public void An_engine_that_leaves_its_downtime_limit_is_caught() => AssertCaught(NaiveEngines.LeavesItsDowntime, Invariant.ChangesArePutBack);

    [Fact]
    public void An_engine_that_never_decides_is_caught() => AssertCaught(NaiveEngines.KnowsNothing, Invariant.Decisive);

    [Fact]
    public void An_engine_that_sees_crashes_everywhere_is_caught() => AssertCaught(NaiveEngines.SeesCrashes, Invariant.OutcomeIsOfItsOwn);

    [Fact]
    public void An_engine_that_listens_when_all_is_over_is_caught() => AssertCaught(NaiveEngines.ListensForever, Invariant.ListenersGo, runs: 1);

    [Fact]
    public void An_engine_that_begins_when_nobody_expects_it_any_more_is_caught() => Assert.Contains(
        SimulationRun.Run(NaiveEngines.BeginsLate, new Scenario { Seed = 1 }).Violations,
        v => v is { Invariant: Invariant.Ends } && v.Sentence.EndsWith("the migration had not begun", StringComparison.Ordinal));

    [Fact]
    public void An_engine_that_tells_libvirts_downtime_of_a_post_copy_is_caught() =>
        AssertCaught(NaiveEngines.TellsLibvirtsDowntime, Invariant.DowntimeIsTrue);

    [Fact]
    public void An_engine_that_leaves_the_thread_is_caught() => AssertCaught(NaiveEngines.LeavesTheThread, Invariant.StaysOnOneThread, runs: 1);

    [Fact]
    public void A_run_without_faults_breaks_nothing_and_is_decided()
    {
        for (ulong seed = 1; seed <= 2000; seed++)
        {
            var scenario = Scenario.DrawOwn(seed) with { Faults = [], PostCopyStall = null };
            var result = SimulationRun.Run(PlainEngine.RunAsync, scenario);
            Assert.True(result.Violations.Count == 0, $"{scenario}: {string.Join("; ", result.Violations)}");
            Assert.NotEqual(MigrationOutcome.Unknown, result.Outcome);
        }
    }

    [Fact]
    public void An_engine_that_claims_no_more_than_it_saw_breaks_nothing_whatever_goes_wrong()
    {
        for (ulong seed = 1; seed <= 4000; seed++)
        {
            var result = SimulationRun.Run(PlainEngine.RunAsync, Scenario.DrawOwn(seed));
            Assert.True(result.Violations.Count == 0, $"{result.Scenario}: {string.Join("; ", result.Violations)}");
        }
    }

    [Fact]
    public void A_seed_makes_the_same_run_each_time()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            Assert.Equal(SimulationRun.Run(PlainEngine.RunAsync, Scenario.DrawOwn(seed), isTraced: true).Trace, SimulationRun.Run(PlainEngine.RunAsync, Scenario.DrawOwn(seed), isTraced: true).Trace);
        }
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Every_kind_of_fault_strikes(string kind)
    {
        var struck = 0;
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var fault = Scenario.DrawFault(new SimulatedRandom(seed), Enum.Parse<FaultKind>(kind));
            var result = SimulationRun.Run(PlainEngine.RunAsync, Scenario.DrawOwn(seed) with { Faults = [fault] }, isTraced: true);
            struck += result.Trace.Any(l => l.Contains($"fault  {kind}", StringComparison.Ordinal)) ? 1 : 0;
        }

        Assert.True(struck > 0, $"{kind} never struck");
    }

    public static TheoryData<string> AllKinds() => [.. Enum.GetNames<FaultKind>()];

    private static void AssertCaught(Engine engine, Invariant invariant, ulong runs = Runs)
    {
        for (ulong seed = 1; seed <= runs; seed++)
        {
            if (SimulationRun.Run(engine, Scenario.DrawOwn(seed)).Violations.Any(v => v.Invariant == invariant))
            {
                return;
            }
        }

        Assert.Fail($"{invariant} was never found broken in {runs} runs");
    }
}
