using VirtMigrate.Migration;
using VirtMigrate.Simulation;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

/// <summary>The engine, whole but for the transports, against hosts on which everything goes wrong that can.</summary>
public sealed class MigrationDriverSimulationTests
{
    private const ulong Runs = 20_000;

    [Fact]
    public void Whatever_goes_wrong_no_invariant_is_broken()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            var result = SimulationRun.Run(Engines.Driver, seed);
            if (result.Violations.Count > 0)
            {
                // The same seed makes the same run, this time with its trace.
                Assert.Fail($"build.ps1 Simulate -Seed {seed}\n{string.Join('\n', SimulationRun.Run(Engines.Driver, seed, isTraced: true).Trace)}");
            }
        }
    }

    [Fact]
    public void Without_faults_every_run_is_decided()
    {
        for (ulong seed = 1; seed <= 2000; seed++)
        {
            var scenario = Scenario.Draw(seed) with { Faults = [] };
            var result = SimulationRun.Run(Engines.Driver, scenario);
            Assert.True(result.Violations.Count == 0, $"{scenario}: {string.Join("; ", result.Violations)}");
            Assert.NotEqual(Model.MigrationOutcome.Unknown, result.Outcome);
        }
    }

    [Fact]
    public void A_seed_makes_the_same_run_each_time()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            Assert.Equal(SimulationRun.Run(Engines.Driver, seed, isTraced: true).Trace, SimulationRun.Run(Engines.Driver, seed, isTraced: true).Trace);
        }
    }
}
