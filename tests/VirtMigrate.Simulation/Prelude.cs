using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>In what state a post-copy is that is to be resumed.</summary>
internal enum PostCopyBreak
{
    /// <summary>Both halves stand still.</summary>
    Broken,

    /// <summary>Its client went away: the two QEMUs carry on.</summary>
    Unattended,

    /// <summary>Both halves stand still, and the destination's QEMU answers nobody.</summary>
    Hanging,
}

/// <summary>What another client has done before the engine comes: a migration that is under way, or a post-copy that broke.</summary>
internal static class Prelude
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Between two looks for a migration to follow.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether there is something for the engine: who follows a migration has seen its job.</summary>
    public static bool IsVisible(SimulatedWorld world) =>
        world.Scenario.Role != MigrationRole.Follow || (world.OurMigration is { IsUnderWay: true } ours && world.Source.Domain?.Migration == ours);

    /// <summary>Another client begins a migration, which the engine is to follow.</summary>
    public static void Begin(SimulatedWorld world)
    {
        var scenario = world.Scenario;
        var migration = Add(world, scenario.Options.Flags);
        world.Time.Schedule(world.Latency(), migration.Protocol.Begin);
        if (scenario.OtherSwitchesAt is { } at)
        {
            world.Time.Schedule(at, () =>
            {
                if (migration.Step == MigrationStep.Perform)
                {
                    migration.PostCopy.Start();
                }
            });
        }
    }

    /// <summary>A migration of another client breaks in post-copy, which the engine is to resume.</summary>
    public static void Break(SimulatedWorld world)
    {
        var migration = Add(world, world.Scenario.Options.Flags);
        world.Faults.IsMuted = true;
        migration.Protocol.Begin();
        world.Time.Run(() => migration.Step == MigrationStep.Perform, Patience);
        migration.PostCopy.Start();
        world.Time.Run(() => world.Destination.IsExecuting, Patience);
        world.Time.Run(static () => false, world.Random.Between(0, 200));
        if (world.Scenario.Break == PostCopyBreak.Unattended)
        {
            MigrationLosses.KillClient(migration, world);
        }
        else
        {
            migration.PostCopy.Hangs = world.Scenario.Break == PostCopyBreak.Hanging;
            migration.PostCopy.Break();
        }

        world.Faults.IsMuted = false;
    }

    /// <summary>The plan of who comes then.</summary>
    public static MigrationPlan Plan(SimulatedWorld world, MigrationPlan plan)
    {
        var scenario = world.Scenario;
        return scenario.Role switch
        {
            MigrationRole.Resume => plan with
            {
                Role = MigrationRole.Resume,
                Vm = plan.Vm with { Status = MigrationPlan.RunningBefore },
                Options = PostCopyResumeOptions.Of(scenario.Options, MigrationOptionSet.Empty.With(MigrationOptions.PeerToPeer, scenario.Options.Has(MigrationOptions.PeerToPeer))),
                StallTimeout = scenario.StallTimeout,
            },
            MigrationRole.Follow => plan with
            {
                Role = MigrationRole.Follow,
                Vm = plan.Vm with { Status = MigrationPlan.BeforeOf(world.Source.Domain?.Status ?? MigrationPlan.RunningBefore) },
                Options = MigrationOptionSet.Empty,
                Steering = scenario.Steering,
            },
            _ => plan,
        };
    }

    private static SimulatedMigration Add(SimulatedWorld world, MigrationFlags flags)
    {
        var migration = new SimulatedMigration(world, world.Source, world.Destination, flags, call: null, isWatched: true);
        world.Add(migration);
        return migration;
    }
}
