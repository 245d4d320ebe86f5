using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>All of one run of several migrations in one session, drawn from one seed.</summary>
internal sealed record BatchScenario
{
    public required ulong Seed { get; init; }

    /// <summary>The VMs, each with faults and a stop of its own.</summary>
    public required IReadOnlyList<BatchVm> Vms { get; init; }

    public int ThrottleLimit { get; init; } = 1;

    /// <summary>When the user stops all of them; null for never.</summary>
    public TimeSpan? StopAllAt { get; init; }

    /// <summary>Whether after the first that fails no other begins, and those that move come to their end (-ErrorAction Stop).</summary>
    public bool StopsAtFailure { get; init; }

    /// <summary>When the session ends; null for never.</summary>
    public TimeSpan? EndAt { get; init; }

    /// <summary>How long the end waits; null for as long as it usually does.</summary>
    public TimeSpan? EndLimit { get; init; }

    public static BatchScenario Draw(ulong seed)
    {
        var random = new SimulatedRandom(seed ^ 0xBA7C4);
        var count = 2 + random.Next(3);
        var endAt = random.Chance(0.35) ? Moment(random) : (TimeSpan?)null;
        var vms = new BatchVm[count];
        for (var i = 0; i < count; i++)
        {
            vms[i] = BatchVm.Draw(random, Scenario.DrawOwn((seed * 5) + (ulong)i) with { ComesAt = TimeSpan.Zero }, endAt);
        }

        return new()
        {
            Seed = seed,
            Vms = vms,
            ThrottleLimit = 1 + random.Next(count),
            StopAllAt = random.Chance(0.12) ? Moment(random) : null,
            StopsAtFailure = random.Chance(0.15),
            EndAt = endAt,
            EndLimit = random.Chance(0.3) ? random.Between(0, 20_000) : null,
        };
    }

    public override string ToString()
    {
        var text = new System.Text.StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"batch {Seed}: {Vms.Count} VMs, {ThrottleLimit} at once");
        if (StopAllAt is { } stop)
        {
            text.Append(CultureInfo.InvariantCulture, $"; all are stopped at {stop.TotalSeconds:0.000} s");
        }

        if (EndAt is { } end)
        {
            text.Append(CultureInfo.InvariantCulture, $"; the session ends at {end.TotalSeconds:0.000} s{(EndLimit is { } limit ? $" and waits {limit.TotalSeconds:0.0} s" : string.Empty)}");
        }

        return text.Append(StopsAtFailure ? "; a failure stops the queue" : string.Empty).ToString();
    }

    // A moment among the preparations is as likely as one in the midst of the copying.
    private static TimeSpan Moment(SimulatedRandom random) => TimeSpan.FromSeconds(Math.Pow(10, (random.NextDouble() * 3.5) - 2));
}

/// <summary>One VM of a batch.</summary>
internal sealed record BatchVm
{
    public required Scenario Scenario { get; init; }

    /// <summary>When its migration is asked for.</summary>
    public TimeSpan AskedAt { get; init; }

    /// <summary>Whether it is asked for once more while the first request is there.</summary>
    public bool IsAskedTwice { get; init; }

    /// <summary>Whether its faults may strike while it waits and is looked at, and not only once its migration has begun.</summary>
    public bool HasEarlyFaults { get; init; }

    /// <summary>How long its checks take.</summary>
    public TimeSpan CheckTime { get; init; }

    /// <summary>Whether its checks find something that stands in the way.</summary>
    public bool IsNotReady { get; init; }

    public static BatchVm Draw(SimulatedRandom random, Scenario scenario, TimeSpan? endAt) => new()
    {
        Scenario = Valid(scenario),
        AskedAt = endAt is { } end && random.Chance(0.25) ? Around(random, end) : random.Chance(0.7) ? TimeSpan.Zero : random.Between(0, 5000),
        IsAskedTwice = random.Chance(0.1),
        HasEarlyFaults = random.Chance(0.5) && scenario.Faults.All(f => LeavesVmAlone(f.Kind)),
        CheckTime = random.Between(0, 800),
        IsNotReady = random.Chance(0.05),
    };

    // A request that comes as the session ends: before it, after it, and in the same moment.
    private static TimeSpan Around(SimulatedRandom random, TimeSpan end)
    {
        var moment = end + (random.Chance(0.3) ? TimeSpan.Zero : random.Between(-5, 20));
        return moment > TimeSpan.Zero ? moment : TimeSpan.Zero;
    }

    // The planner holds options to their table, which a drawn scenario alone does not.
    private static Scenario Valid(Scenario scenario) => scenario.Options.Validate().Count == 0 ? scenario
        : scenario with { Options = scenario.Options.With(MigrationOptions.UndefineSource, false) };

    private static bool LeavesVmAlone(FaultKind kind) => kind is not (FaultKind.QemuCrashes or FaultKind.PowerLost or FaultKind.DaemonRestartsUnknowing
        or FaultKind.GuestShutsDown or FaultKind.OtherAborts or FaultKind.OtherMigratesBefore or FaultKind.OtherMigratesAfter or FaultKind.OtherBacksUp
        or FaultKind.OtherSuspends or FaultKind.OtherResumes or FaultKind.OtherShutsDown or FaultKind.OtherDestroys or FaultKind.OtherUndefines
        or FaultKind.OtherDefines);
}
