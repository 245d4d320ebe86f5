namespace VirtMigrate.Estimation;

/// <summary>What a reading tells of the curve.</summary>
/// <param name="Seconds">Its period.</param>
/// <param name="Bytes">The distinct memory that it found changed.</param>
/// <param name="Weight">One by the variance of that.</param>
internal readonly record struct WeighedReading(double Seconds, double Bytes, double Weight)
{
    /// <summary>Weighs readings of one period and mode.</summary>
    /// <remarks>
    /// With n, the mean count of compared pages: variance = max(n, 1) + variance of the counts' rounding + bursts n². Readings of one period have
    /// the same weight: if each were weighed by its own count, the low ones would seem the more certain.
    /// </remarks>
    public static IEnumerable<WeighedReading> Of(DirtyRateReading[] same, double bursts)
    {
        const double PerPage = PageCount.BytesPerPage;
        var seconds = same[0].Period.TotalSeconds;
        PageCount[] counts = [.. same.Select(r => r.Mode == DirtyRateMode.PageSampling ? PageCount.Of(r) : new(r.DistinctBytes / PerPage, 0))];
        var mean = counts.Average(c => c.Mean);
        var variance = Math.Max(mean, 1) + counts.Average(c => c.Variance) + (bursts * mean * mean);
        return counts.Select(c => new WeighedReading(seconds, c.Mean * PerPage, 1 / (variance * PerPage * PerPage)));
    }
}

/// <summary>
/// How much a guest's writing comes in bursts: the relative variance of the readings of one period, less what QEMU's sampling makes of it, 1 / n
/// for n sampled pages found changed.
/// </summary>
internal sealed class Bursts
{
    private const int FewestToCompare = 3;

    private readonly (TimeSpan Period, double Variance)[] _seen;

    /// <summary>Compares readings.</summary>
    public Bursts(IEnumerable<DirtyRateReading> readings) => _seen =
    [
        .. readings.GroupBy(r => r.Period).Where(g => g.Count() >= FewestToCompare && g.Any(r => r.BytesPerSecond > 0))
            .Select(g => (g.Key, Excess([.. g]))),
    ];

    /// <summary>The variance of the mean of a period's readings, the largest of all periods, as a share of the mean.</summary>
    public double OfMean(IEnumerable<DirtyRateReading> readings) =>
        _seen.Select(s => s.Variance / readings.Count(r => r.Period == s.Period)).DefaultIfEmpty().Max();

    /// <summary>The variance of a single reading, as a share of it.</summary>
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

/// <summary>How many of the pages that QEMU compares a reading found changed.</summary>
/// <param name="Mean">The number; where the reading's rate may come from several numbers, their mean.</param>
/// <param name="Variance">The variance of those numbers: what was lost when the rate was cut off.</param>
internal readonly record struct PageCount(double Mean, double Variance)
{
    /// <summary>The memory that each compared page stands for: QEMU takes 512 pages of each GiB.</summary>
    public const double BytesPerPage = 1 << 21;

    // QEMU tells whole MiB/s, cut off (do_calculate_dirtyrate).
    private const double RateStep = 1 << 20;
    private const double Tiny = 1e-9;

    /// <summary>Counts them. A reading over a second comes from one number only, one over ten seconds from five or so.</summary>
    public static PageCount Of(DirtyRateReading reading)
    {
        var seconds = reading.Period.TotalSeconds;
        var (from, to) = (reading.BytesPerSecond * seconds / BytesPerPage, (reading.BytesPerSecond + RateStep) * seconds / BytesPerPage);
        var (least, most) = (Math.Ceiling(from - Tiny), Math.Ceiling(to - Tiny) - 1);

        // No whole number fits where not all pages stand for as much: memory of an odd size.
        return most < least ? new((from + to) / 2, Uniform(to - from)) : new((least + most) / 2, Uniform(most - least + 1) - Uniform(1));
    }

    private static double Uniform(double width) => width * width / 12;
}
