using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>
/// How much a guest's writing comes in bursts: how much more the readings of one period differ than QEMU's sampling makes them.
/// </summary>
internal sealed class Bursts
{
    private const int FewestToCompare = 3;

    private readonly (TimeSpan Period, double Variance)[] _seen;

    /// <summary>Compares readings.</summary>
    /// <param name="readings">The readings.</param>
    public Bursts(IEnumerable<DirtyRateReading> readings) => _seen =
    [
        .. readings.GroupBy(r => r.Period).Where(g => g.Count() >= FewestToCompare && g.Any(r => r.BytesPerSecond > 0))
            .Select(g => (g.Key, Excess([.. g]))),
    ];

    /// <summary>The variance of the mean of a period's readings, the largest of all periods, as a share of the mean.</summary>
    /// <param name="readings">The readings.</param>
    /// <returns>The variance; 0 where no period was read often enough.</returns>
    public double OfMean(IEnumerable<DirtyRateReading> readings) =>
        _seen.Select(s => s.Variance / readings.Count(r => r.Period == s.Period)).DefaultIfEmpty().Max();

    /// <summary>The variance of a single reading, as a share of it.</summary>
    /// <param name="period">Its period. What was not read often enough is taken from the next shorter period: over a longer time bursts even out.</param>
    /// <returns>The variance; 0 where nothing tells.</returns>
    public double Of(TimeSpan period)
    {
        var known = _seen.Where(s => s.Period <= period).DefaultIfEmpty().MaxBy(s => s.Period);
        return known.Variance > 0 ? known.Variance * (known.Period / period) : 0;
    }

    // How many of a period's sampled pages were found changed; other modes see every page.
    internal static double SampledPages(DirtyRateReading reading) => reading.Mode == DirtyRateMode.PageSampling
        ? PageCount.Of(reading).Mean
        : double.PositiveInfinity;

    private static double Excess(DirtyRateReading[] same)
    {
        var mean = same.Average(r => r.BytesPerSecond);
        var variance = same.Sum(r => Math.Pow((r.BytesPerSecond / mean) - 1, 2)) / (same.Length - 1);
        return Math.Max(0, variance - (same.Length / same.Sum(SampledPages)));
    }
}
