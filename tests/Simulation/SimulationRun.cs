using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>Carries out a migration: what is proved.</summary>
/// <param name="plan">The plan, with both hosts open.</param>
/// <param name="time">The clock, and the only timers.</param>
/// <param name="progress">Hears how it goes.</param>
/// <param name="stop">The user's stop.</param>
/// <returns>What became of the VM.</returns>
internal delegate Task<MigrationReport> Engine(MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress>? progress, CancellationToken stop);

/// <summary>What came of one run.</summary>
internal sealed record SimulationResult(Scenario Scenario, MigrationReport? Report, IReadOnlyList<Violation> Violations)
{
    public MigrationOutcome? Outcome => Report?.Result.Outcome;

    /// <summary>Time from the start to the verdict, on the simulated clock.</summary>
    public TimeSpan Duration { get; init; }

    public long Steps { get; init; }

    /// <summary>Whether the engine knew both hosts, which who follows another client's migration may not.</summary>
    public bool KnewBothHosts { get; init; } = true;

    /// <summary>The kinds of faults that had struck when the verdict came.</summary>
    public IReadOnlyList<FaultKind> Struck { get; init; } = [];

    public int Aborts { get; init; }

    public int ForeignAborts { get; init; }

    /// <summary>How the guest itself ended, and why.</summary>
    public GuestFate Fate { get; init; }

    /// <summary>Whether the VM arrived by the call after the verdict.</summary>
    public bool MovedLater { get; init; }

    public IReadOnlyList<string> Trace { get; init; } = [];
}

/// <summary>Runs one scenario with an engine, on the caller's thread.</summary>
internal static class SimulationRun
{
    // A user who sees nothing happen stops it.
    private static readonly TimeSpan UserPatience = TimeSpan.FromMinutes(20);
    private static readonly TimeSpan OtherThreads = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Aftermath = TimeSpan.FromHours(1);

    public static SimulationResult Run(Engine engine, ulong seed, bool isTraced = false) => Run(engine, Scenario.Draw(seed), isTraced);

    public static SimulationResult Run(Engine engine, Scenario scenario, bool isTraced = false)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            return RunHere(engine, scenario, isTraced);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Opens both hosts of a world and settles the plan of its scenario.</summary>
    public static MigrationPlan Plan(SimulatedWorld world)
    {
        var transport = new SimulatedTransport(world);
        var source = new HostConnection(transport, world.Source.Address, credential: null, world.Time);
        var destination = new HostConnection(transport, world.Destination.Address, credential: null, world.Time);
        var opening = Task.WhenAll(source.GetAsync(CancellationToken.None), destination.GetAsync(CancellationToken.None));
        world.Time.Run(() => opening.IsCompleted, TimeSpan.FromMinutes(1));
        var looking = opening.Result[0].FindVmAsync(world.Uuid, CancellationToken.None);
        world.Time.Run(() => looking.IsCompleted, TimeSpan.FromMinutes(1));
        var leftover = opening.Result[1].FindVmAsync(world.Uuid, CancellationToken.None);
        world.Time.Run(() => leftover.IsCompleted, TimeSpan.FromMinutes(1));
        var scenario = world.Scenario;
        var effective = EffectiveOptions.Of(scenario.Policy, scenario.Options.With(scenario.Limits));
        return new(looking.Result!, source, destination, world.Source.Description, world.Destination.Description, effective.Options)
        {
            Policy = scenario.Policy,
            GivenMaxDowntime = scenario.Limits.MaxDowntime,
            Decisions = effective.Decisions,
            Leftover = leftover.Result,
        };
    }

    private static SimulationResult RunHere(Engine engine, Scenario scenario, bool isTraced)
    {
        var world = new SimulatedWorld(scenario, isTraced);
        world.Trace?.Add("run", "scenario", scenario.ToString());
        var plan = Plan(world);
        if (scenario.Role == MigrationRole.Resume)
        {
            Prelude.Break(world);
        }

        var before = new MemoryLimits(world.Source.Domain!.MaxDowntime, world.Source.Domain.Bandwidth);
        using var stop = new CancellationTokenSource();
        TimeSpan? stoppedAt = null;
        void Stop()
        {
            if (!stop.IsCancellationRequested)
            {
                stoppedAt = world.Time.Now;
                world.Trace?.Add("here", "user", "stops it");
                world.Truth.NoteStop();
                stop.Cancel();
            }
        }

        world.Faults.Reach(FaultPoint.Start);
        if (scenario.Role == MigrationRole.Follow)
        {
            Prelude.Begin(world);
        }

        if (scenario.StopAt is { } at)
        {
            world.Time.Schedule(at, Stop);
        }

        Task<MigrationReport>? running = null;
        var cameAt = TimeSpan.Zero;
        var hasNothingToDo = false;
        void Come()
        {
            if (Prelude.IsVisible(world))
            {
                cameAt = world.Time.Now;
                plan = Prelude.Plan(world, plan);
                running = Start(engine, plan, world.Time, new ProgressOnThread(world), stop.Token);
            }
            else if (world.OurMigration is { IsUnderWay: true })
            {
                world.Time.Schedule(Prelude.BetweenLooks, Come);
            }
            else
            {
                hasNothingToDo = true;
            }
        }

        world.Time.Schedule(scenario.ComesAt, Come);
        var isOutOfPatience = false;
        if (!world.Time.Run(() => hasNothingToDo || running is { IsCompleted: true }, UserPatience) && world.Time.ThreadDefect is null)
        {
            // One that has not even begun waits for what nobody answers.
            isOutOfPatience = scenario.Role == MigrationRole.Resume || (scenario.Role == MigrationRole.Move && world.Calls.Count == 0);
            Stop();
            world.Time.Run(() => running is { IsCompleted: true }, UserPatience);
        }

        if (running is null)
        {
            // What it was to follow had ended, or could not be seen any more.
            return new(scenario, Report: null, Violations: []) { Trace = world.Trace?.Lines ?? [] };
        }

        if (running is not { IsCompleted: true } && !world.IsAwaited)
        {
            // It waits for nothing of the world: what left the thread may not have come back yet.
            SpinWait.SpinUntil(() => world.Time.ThreadDefect is not null, OtherThreads);
        }

        var ended = world.Time.Now;
        FaultKind[] struck = [.. world.Faults.Struck];
        var knewBothHosts = plan is { Source.IsKnown: true, Destination.IsKnown: true };
        var invariants = new Invariants(world, cameAt, stoppedAt, knewBothHosts);
        if (isOutOfPatience)
        {
            invariants.NeverEnded();
        }

        MigrationReport? report = null;
        if (running is { IsCompletedSuccessfully: true })
        {
            report = running.Result;
            world.Trace?.Add("here", "verdict", $"{report.Result.Outcome}: {report.Result.Verification.Message}");
            invariants.AtVerdict(report);
        }
        else if (running is { IsCompleted: true })
        {
            invariants.AtFailure(running.Exception?.InnerException ?? new TaskCanceledException(running));
        }
        else
        {
            invariants.NeverEnded();
        }

        invariants.CheckBegin();
        world.Time.RunUntilQuiet(Aftermath);
        invariants.AtQuiet(report, before);
        if (world.Trace is { } trace)
        {
            trace.Add("run", "end", $"{world.Source.Name}: {Half.Of(world.Source)}; {world.Destination.Name}: {Half.Of(world.Destination)}");
            foreach (var violation in invariants.Violations)
            {
                trace.Add("run", "VIOLATION", $"{violation.Invariant}: {violation.Sentence}");
            }
        }

        return new(scenario, report, invariants.Violations)
        {
            Duration = ended - cameAt,
            Steps = world.Time.Steps,
            KnewBothHosts = knewBothHosts,
            Struck = struck,
            Aborts = world.Truth.Aborts,
            ForeignAborts = world.Truth.ForeignAborts,
            Fate = world.Truth.Fate,
            MovedLater = world.OurMigration is { Incoming.HasArrived: true } ours && ours.Incoming.ArrivedAt > ended,
            Trace = world.Trace?.Lines ?? [],
        };
    }

    // An engine that throws before its first await has ended as one that throws after it.
    private static async Task<MigrationReport> Start(
        Engine engine, MigrationPlan plan, TimeProvider time, IProgress<MigrationProgress> progress, CancellationToken stop) =>
        await engine(plan, time, progress, stop).ConfigureAwait(false);

    // In a fifth of the runs it fails, as a view may, which is nothing to the migration.
    private sealed class ProgressOnThread(SimulatedWorld world) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value)
        {
            world.Time.CheckThread("progress");
            if (world.Scenario.Seed % 5 == 1)
            {
                throw new InvalidOperationException("The view is broken.");
            }
        }
    }
}
