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
