using VirtMigrate.Hosts;
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

/// <summary>Which of a migration's two hosts somebody who follows it is connected to.</summary>
internal enum ConnectedHosts
{
    /// <summary>Both; the destination is found as soon as it has something of the VM.</summary>
    Both,

    /// <summary>The source, which does not tell where the VM goes.</summary>
    Source,

    /// <summary>The destination, which does not tell where the VM comes from.</summary>
    Destination,
}

/// <summary>What another client has done before the engine comes: a migration that is under way, or a post-copy that broke.</summary>
internal static class Prelude
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Between two looks for a migration to follow.</summary>
    public static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Whether there is something for the engine: who follows a migration has seen its job.</summary>
    public static bool IsVisible(SimulatedWorld world) => world.Scenario.Role != MigrationRole.Follow || (world.OurMigration is { IsUnderWay: true } ours &&
        (world.Scenario.Connected == ConnectedHosts.Destination ? HasComing(world.Destination) : world.Source.Domain?.Migration == ours));

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
            MigrationRole.Follow => Found(world, plan) with
            {
                Role = MigrationRole.Follow,
                Options = MigrationOptionSet.Empty,
                Steering = scenario.Steering,

                // Whoever comes in the midst of it can't tell what the destination had before.
                Leftover = null,
            },
            _ => plan,
        };
    }

    // Who looks for migrations finds what its hosts show of one.
    private static MigrationPlan Found(SimulatedWorld world, MigrationPlan plan)
    {
        var connected = world.Scenario.Connected;
        var (here, there) = (connected == ConnectedHosts.Destination ? null : world.Source.Domain?.Status,
            connected != ConnectedHosts.Source && HasComing(world.Destination) ? world.Destination.Domain?.Status : null);
        var seen = here ?? there ?? MigrationPlan.RunningBefore;
        return plan with
        {
            Vm = plan.Vm with { Status = MigrationPlan.BeforeOf(seen) },
            Source = here is null ? HostConnection.Unknown : plan.Source,
            Destination = there is null ? HostConnection.Unknown : plan.Destination,
            SourceHost = here is null ? VmHost.Unreached(HostAddress.Unknown) : plan.SourceHost,
            DestinationHost = there is null ? VmHost.Unreached(HostAddress.Unknown) : plan.DestinationHost,
            IsBeforeKnown = !seen.IsPostCopyFailed,
        };
    }

    private static bool HasComing(SimulatedHost destination) => destination.Domain is { Status: { IsPausedByMigration: true } or { IsPostCopyHalf: true } };

    private static SimulatedMigration Add(SimulatedWorld world, MigrationFlags flags)
    {
        var migration = new SimulatedMigration(world, world.Source, world.Destination, flags, call: null, isWatched: true);
        world.Add(migration);
        return migration;
    }
}
