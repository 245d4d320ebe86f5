namespace VirtMigrate.Estimation;

/// <summary>Finds the curve that is nearest to readings among those with W(0) = 0 that never fall and are concave.</summary>
/// <remarks>
/// <code>
/// W(t) = Σ a(j) min(t, p(j)), a(j) ≥ 0          every such curve with knots at the measured periods p(j)
/// minimise χ² = Σ w(k) (y(k) - W(t(k)))²        over the readings y(k) of period t(k) and weight w(k) = 1 / variance
/// </code>
/// Non-negative least squares, solved by coordinate descent, which converges as the problem is convex (C. L. Lawson, R. J. Hanson, Solving
/// Least Squares Problems, chapter 23; P. Tseng, 2001).
/// </remarks>
internal static class ConcaveFit
{
    // By how much χ² must rise without a knee at the shortest period: by 4 (two standard deviations) for the knee to be real, by 2 (Akaike's
    // criterion for one more unknown) for it to be possible.
    private const double LeastMisfit = 4;
    private const double LeastSuspicion = 2;
    private const int MostRounds = 20_000;
    private const double Precise = 1e-9;

    /// <summary>Fits a curve to readings.</summary>
    /// <param name="readings">The readings, at least one.</param>
    /// <param name="memory">The memory that the guest can change at most, in bytes.</param>
    /// <returns>The curve that is nearest to the readings among those with W(0) = 0 that never fall and are concave.</returns>
    public static DirtyMemoryCurve Curve(IReadOnlyCollection<DirtyRateReading> readings, double memory) => new(Of(readings), memory);

    private static CurveFit Of(IReadOnlyCollection<DirtyRateReading> readings)
    {
        double[] knots = [.. readings.Select(r => r.Period.TotalSeconds).Distinct().Order()];
        var bursts = new Bursts(readings);
        WeighedReading[] measured =
            [.. readings.GroupBy(r => (r.Period, r.Mode)).SelectMany(same => WeighedReading.Of([.. same], bursts.Of(same.Key.Period)))];
        var ramps = Solve(knots, measured);
        var fit = Describe(knots, ramps, measured);
        if (knots.Length == 1 || ramps[0] == 0)
        {
            return fit;
        }

        // What happens before the shortest period follows from the knee there alone, so that noise must not make one.
        double[] straight = [0, .. Solve(knots[1..], measured)];
        var misfit = Misfit(knots, straight, measured) - Misfit(knots, ramps, measured);
        return misfit < LeastMisfit ? Describe(knots, straight, measured) with { WithKnee = misfit < LeastSuspicion ? null : fit } : fit;
    }

    private static CurveFit Describe(double[] knots, double[] ramps, WeighedReading[] measured)
    {
        // A ramp with a = 0 has no error either.
        double[] used = [.. knots.Where((_, i) => ramps[i] > 0)];
        double[][] information =
            [.. used.Select(p => used.Select(q => measured.Sum(m => m.Weight * Math.Min(m.Seconds, p) * Math.Min(m.Seconds, q))).ToArray())];
        return new(
            [.. knots.Select(k => new DirtyMemoryPoint(TimeSpan.FromSeconds(k), (long)At(knots, ramps, k)))],
            [.. knots.Select(k => At(knots, ramps, k) is > 0 and var bytes ? Deviation(used, information, k) / bytes : 0)]);
    }

    private static double Misfit(double[] knots, double[] ramps, WeighedReading[] measured) =>
        measured.Sum(m => m.Weight * Math.Pow(m.Bytes - At(knots, ramps, m.Seconds), 2));

    private static double At(double[] knots, double[] ramps, double seconds) => knots.Zip(ramps, (p, a) => a * Math.Min(seconds, p)).Sum();

    private static double[] Solve(double[] knots, WeighedReading[] measured)
    {
        var ramps = new double[knots.Length];
        for (var round = 0; round < MostRounds; round++)
        {
            var change = 0.0;
            for (var i = 0; i < knots.Length; i++)
            {
                var (numerator, denominator) = (0.0, 0.0);
                foreach (var (seconds, bytes, weight) in measured)
                {
                    var ramp = Math.Min(seconds, knots[i]);
                    var rest = bytes - At(knots, ramps, seconds) + (ramps[i] * ramp);
                    numerator += weight * ramp * rest;
                    denominator += weight * ramp * ramp;
                }

                var better = Math.Max(0, numerator / denominator);
                change = Math.Max(change, Math.Abs(better - ramps[i]));
                ramps[i] = better;
            }

            if (change <= Precise * ramps.Sum())
            {
                break;
            }
        }

        return ramps;
    }

    // The standard deviation of the curve at a time t: √(r(t)ᵀ F⁻¹ r(t)), with r(t) = (min(t, p(j))) over the knots whose a(j) > 0 and the
    // information matrix F = Σ w(k) r(t(k)) r(t(k))ᵀ.
    private static double Deviation(double[] knots, double[][] information, double seconds)
    {
        double[] ramp = [.. knots.Select(p => Math.Min(seconds, p))];
        return Math.Sqrt(ramp.Zip(Solve(information, ramp), (r, s) => r * s).Sum());
    }

    // F x = right, by Gauss and Jordan without pivoting: F is positive definite, since every knot was measured.
    private static double[] Solve(double[][] information, double[] right)
    {
        double[][] rows = [.. information.Zip(right, (row, r) => (double[])[.. row, r])];
        for (var pivot = 0; pivot < rows.Length; pivot++)
        {
            for (var other = 0; other < rows.Length; other++)
            {
                var factor = other == pivot ? 0 : rows[other][pivot] / rows[pivot][pivot];
                rows[other] = [.. rows[other].Zip(rows[pivot], (a, b) => a - (factor * b))];
            }
        }

        return [.. rows.Select((row, i) => row[^1] / row[i])];
    }
}

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
