using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>Makes forecasts: thinks a migration through with the expected, the optimistic and the pessimistic curve.</summary>
/// <param name="basis">What is known.</param>
public sealed class Forecasts(ForecastBasis basis)
{
    // QEMU ends a pass as soon as the rest fits into the limit, and counts what is changed again before it was sent once. What that
    // gains depends on the order of the guest's writes: with QEMU 7.2, guests were seen to get over that reached 1.13 of the border, and
    // none that reached 1.57.
    private const double GainOfLookingAhead = 1.3;
    private const double MostBandwidth = 1e13;
    private const double LeastBandwidth = 1 << 10;
    private const double MostDowntime = 2000;
    private const double LeastDowntime = 1e-3;
    private const int MostThrottle = 99;
    private const double Precise = 1e-3;

    /// <summary>Forecasts a migration.</summary>
    /// <param name="migration">The migration.</param>
    /// <returns>The forecast.</returns>
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
            Iterations = expected.Moves ? expected.Passes : null,
            Downtime = Downtime(migration, expected),
            LongestDowntime = Downtime(migration, pessimistic),
        };
    }

    /// <summary>Whether a migration surely ends.</summary>
    /// <param name="migration">The migration.</param>
    /// <returns>True when it ends even with the pessimistic curve.</returns>
    public bool IsSure(PrecopyCase migration) => PrecopyModel.Run(migration, Pessimistic).Moves;

    /// <summary>The least bandwidth with which a migration surely ends.</summary>
    /// <param name="migration">The migration, of which the bandwidth does not count.</param>
    /// <returns>Bytes per second; null where none does.</returns>
    public long? MinimumBandwidth(PrecopyCase migration) =>
        Search(LeastBandwidth, MostBandwidth, b => IsSure(migration with { Bandwidth = b })) is { } found ? (long)Math.Ceiling(found) : null;

    /// <summary>The smallest limit of the standstill with which a migration surely ends.</summary>
    /// <param name="migration">The migration, of which the limit does not count.</param>
    /// <returns>The limit; null where none does.</returns>
    public TimeSpan? MinimumMaxDowntime(PrecopyCase migration) =>
        Search(LeastDowntime, MostDowntime, l => IsSure(migration with { MaxDowntime = l })) is { } found
            ? TimeSpan.FromMilliseconds(Math.Ceiling(found * 1000))
            : null;

    /// <summary>The share of its processor time that has to be kept from the guest for a migration to end surely.</summary>
    /// <param name="migration">The migration, of which the throttle does not count.</param>
    /// <returns>0 to 99 percent; null where 99 is not enough.</returns>
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

    // The most likely course of those that end. Where the expected one is not among them, as with the expected curve: half-way between the
    // least and the most that it can be.
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

    // From the optimistic course, at 0, to the expected one, at 1.
    private PrecopyResult Between(PrecopyCase migration, double share)
    {
        var limit = migration.MaxDowntime * (((1 - share) * GainOfLookingAhead) + share);
        var result = PrecopyModel.Run(migration with { MaxDowntime = limit }, s => ((1 - share) * Optimistic(s)) + (share * Expected(s)));

        // What looking ahead gains is not a longer standstill.
        return result.Limit == limit ? result with { Limit = migration.MaxDowntime } : result;
    }

    // By halving the ratio; what holds for one value holds for all above.
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

    // QEMU moves the guest over as soon as what is left fits into the limit, and does not wait until it is less.
    private TimeSpan? Downtime(PrecopyCase migration, PrecopyResult result) =>
        !result.Moves ? null
        : TimeSpan.FromSeconds(basis.SwitchOver + (basis.SwitchOverSpeed * result.End switch
        {
            PrecopyEnd.SwitchOver => Math.Min(result.Limit, migration.Memory / migration.Bandwidth),
            _ => result.Standstill,
        }));
}
