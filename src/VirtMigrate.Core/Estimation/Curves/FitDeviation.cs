namespace VirtMigrate.Estimation;

/// <summary>
/// How far off a fitted curve may be: what the errors of the readings make of the sum of ramps, by the rules of least squares. All readings
/// that have to do with a point count, those of other periods as well.
/// </summary>
internal sealed class FitDeviation
{
    private readonly double[] _knots;
    private readonly double[][] _information;

    /// <summary>Takes a fit in.</summary>
    /// <param name="knots">The knots.</param>
    /// <param name="ramps">The ramps that were fitted.</param>
    /// <param name="measured">The readings.</param>
    public FitDeviation(double[] knots, double[] ramps, WeighedReading[] measured)
    {
        // Ramps that are none have no error either.
        _knots = [.. knots.Where((_, i) => ramps[i] > 0)];
        _information =
        [
            .. _knots.Select(p => _knots.Select(q => measured.Sum(m => m.Weight * Math.Min(m.Seconds, p) * Math.Min(m.Seconds, q))).ToArray()),
        ];
    }

    /// <summary>The standard deviation of the curve at a time.</summary>
    /// <param name="seconds">The time.</param>
    /// <returns>Bytes.</returns>
    public double At(double seconds)
    {
        double[] ramp = [.. _knots.Select(p => Math.Min(seconds, p))];
        return Math.Sqrt(ramp.Zip(Solve(ramp), (r, s) => r * s).Sum());
    }

    // The information times the solution is the right side. It is positive definite: every ramp's knot was measured.
    private double[] Solve(double[] right)
    {
        double[][] rows = [.. _information.Zip(right, (row, r) => (double[])[.. row, r])];
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
