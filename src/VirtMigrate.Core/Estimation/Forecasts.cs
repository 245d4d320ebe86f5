namespace VirtMigrate.Estimation;

/// <summary>Makes forecasts: models a migration with the expected, the optimistic and the pessimistic curve.</summary>
internal sealed class Forecasts(ForecastBasis basis)
{
    // QEMU ends an iteration as soon as what remains fits into the limit, and counts what is dirtied again before it was sent only once. What
    // that gains depends on the order of the guest's writes: with QEMU 7.2, migrations ended whose V was up to 1.13 of L B, and none at 1.57.
    private const double GainOfEarlyEnd = 1.3;
    private const double MostBandwidth = 1e13;
    private const double LeastBandwidth = 1 << 10;
    private const double MostDowntime = 2000;
    private const double LeastDowntime = 1e-3;
    private const int MostThrottle = 99;
    private const double Precise = 1e-3;

    /// <summary>Forecasts a migration.</summary>
    public MigrationForecast Of(PrecopyCase migration)
    {
        var optimistic = Between(migration, 0);
        var expected = optimistic.Moves ? Likely(migration) : optimistic;
        var pessimistic = PrecopyModel.Run(migration, Pessimistic);
        return new()
        {
            Verdict = pessimistic.Moves ? MigrationConvergence.Converges
                : optimistic.Moves ? MigrationConvergence.Uncertain
                : MigrationConvergence.WillNotConverge,
            Duration = Duration(expected),
            ShortestDuration = Duration(optimistic),
            LongestDuration = Duration(pessimistic),
            Transferred = expected.Moves ? (long)expected.Bytes : null,
            MostTransferred = pessimistic.Moves ? (long)pessimistic.Bytes : null,
            Iterations = expected.Moves ? expected.Iterations : null,
            Downtime = Downtime(migration, expected),
            LongestDowntime = Downtime(migration, pessimistic),
        };
    }

    /// <summary>Whether a migration surely ends.</summary>
    public bool IsSure(PrecopyCase migration) => PrecopyModel.Run(migration, Pessimistic).Moves;

    /// <summary>The least bandwidth with which a migration surely ends.</summary>
    public long? MinimumBandwidth(PrecopyCase migration) =>
        Search(LeastBandwidth, MostBandwidth, b => IsSure(migration with { Bandwidth = b })) is { } found ? (long)Math.Ceiling(found) : null;

    /// <summary>The smallest downtime limit with which a migration surely ends.</summary>
    public TimeSpan? MinimumMaxDowntime(PrecopyCase migration) =>
        Search(LeastDowntime, MostDowntime, l => IsSure(migration with { MaxDowntime = l })) is { } found
            ? TimeSpan.FromMilliseconds(Math.Ceiling(found * 1000))
            : null;

    /// <summary>The share of its processor time that has to be kept from the guest for a migration to end surely.</summary>
    public int? MinimumThrottle(PrecopyCase migration)
    {
        for (var percent = 0; percent <= MostThrottle; percent++)
        {
            if (IsSure(migration with { Throttle = percent / 100.0 }))
            {
                return percent;
            }
        }

        return null;
    }

    // The most likely of those that end. With x from 0 (optimistic) to 1 (expected) and x' the greatest x that ends: at x = 1, else at x' / 2.
    private PrecopyResult Likely(PrecopyCase migration)
    {
        if (Between(migration, 1) is { Moves: true } expected)
        {
            return expected;
        }

        var (ends, doesNot) = (0.0, 1.0);
        while (doesNot - ends > Precise)
        {
            var middle = (ends + doesNot) / 2;
            (ends, doesNot) = Between(migration, middle).Moves ? (middle, doesNot) : (ends, middle);
        }

        return Between(migration, ends / 2);
    }

    // W(t) = (1 - x) optimistic(t) + x expected(t), and the downtime limit likewise.
    private PrecopyResult Between(PrecopyCase migration, double share)
    {
        var limit = migration.MaxDowntime * (((1 - share) * GainOfEarlyEnd) + share);
        var result = PrecopyModel.Run(migration with { MaxDowntime = limit }, s => ((1 - share) * Optimistic(s)) + (share * Expected(s)));

        // What ending early gains is not a longer downtime.
        return result.Limit == limit ? result with { Limit = migration.MaxDowntime } : result;
    }

    // Bisection of the logarithm; what holds for one value holds for all above.
    private static double? Search(double least, double most, Func<double, bool> holds)
    {
        if (!holds(most))
        {
            return null;
        }

        if (holds(least))
        {
            return least;
        }

        while (most / least > 1.001)
        {
            var middle = Math.Sqrt(least * most);
            (least, most) = holds(middle) ? (least, middle) : (middle, most);
        }

        return most;
    }

    private double Expected(double seconds) => basis.Curve?.Expected(seconds) ?? 0;

    private double Optimistic(double seconds) => basis.Curve?.Optimistic(seconds) ?? 0;

    private double Pessimistic(double seconds) => basis.Curve?.Pessimistic(seconds) ?? 0;

    private TimeSpan? Duration(PrecopyResult result) =>
        result.Moves ? TimeSpan.FromSeconds(basis.StorageTime + basis.Overhead + result.Seconds) : null;

    // QEMU switches over as soon as what remains fits into the limit, so that the downtime is the limit itself, or all of a small memory.
    private TimeSpan? Downtime(PrecopyCase migration, PrecopyResult result) =>
        !result.Moves ? null
        : TimeSpan.FromSeconds(basis.Switchover + (basis.SwitchoverSpeed * result.End switch
        {
            PrecopyEnd.Switchover => Math.Min(result.Limit, migration.Memory / migration.Bandwidth),
            _ => result.Downtime,
        }));
}

/// <summary>What a forecast is made from.</summary>
internal sealed record ForecastBasis
{
    /// <summary>W: the memory that the guest dirties within a time; null for a guest that does not run.</summary>
    public DirtyMemoryCurve? Curve { get; init; }

    /// <summary>The time in seconds that both hosts take beside the moving of memory: to prepare, and to start the guest.</summary>
    public double Overhead { get; init; }

    /// <summary>The part of the overhead in seconds for which the guest is stopped: the state of its devices, and its start.</summary>
    public double Switchover { get; init; }

    /// <summary>
    /// How long memory takes at the switchover compared with the iterations before, 0 to 1: a limit of the rate (-Bandwidth) does not hold then.
    /// </summary>
    public double SwitchoverSpeed { get; init; } = 1;

    /// <summary>The time in seconds that disks take before memory begins to move.</summary>
    public double StorageTime { get; init; }
}
