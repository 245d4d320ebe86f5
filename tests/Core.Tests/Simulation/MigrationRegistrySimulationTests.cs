using VirtMigrate.Simulation;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

/// <summary>The registry, the queue and the engine of one session, with several VMs, stops of one and of all, and the session's end.</summary>
public sealed class MigrationRegistrySimulationTests
{
    private const ulong Runs = 3_000;

    [Fact]
    public void Whatever_goes_wrong_no_invariant_is_broken()
    {
        for (ulong seed = 1; seed <= Runs; seed++)
        {
            if (BatchRun.Run(seed).Violations.Count > 0)
            {
                // The same seed makes the same run, this time with its trace.
                Assert.Fail($"build.ps1 Simulate -Batch -Seed {seed}\n{string.Join('\n', BatchRun.Run(seed, isTraced: true).Trace)}");
            }
        }
    }

    [Fact]
    public void A_seed_makes_the_same_run_each_time()
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            Assert.Equal(BatchRun.Run(seed, isTraced: true).Trace, BatchRun.Run(seed, isTraced: true).Trace);
        }
    }
}
