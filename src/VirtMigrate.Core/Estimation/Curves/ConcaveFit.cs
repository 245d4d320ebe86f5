using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>Finds the curve that is nearest to readings among those that begin at 0, never fall and are concave.</summary>
/// <remarks>
/// Each such curve with knots at the measured periods p is a sum of ramps a·min(t, p) with a ≥ 0, so that the nearest one is a
/// least-squares problem without negative unknowns. It is solved one unknown at a time, over and over, which always leads there.
/// </remarks>
internal static class ConcaveFit
{
    // By how much the sum of the squared deviations must rise without a knee at the shortest period for it to be more than noise: by two
    // standard deviations, as in all that is said of errors. It can't be ruled out from where it makes the better curve (Akaike).
    private const double LeastMisfit = 4;
    private const double LeastSuspicion = 2;
    private const int MostRounds = 20_000;
    private const double Precise = 1e-9;

    /// <summary>Fits a curve.</summary>
    /// <param name="readings">The readings, at least one.</param>
    /// <returns>The curve.</returns>
    public static CurveFit Of(IReadOnlyCollection<DirtyRateReading> readings)
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
        var deviations = new FitDeviation(knots, ramps, measured);
        return new(
            [.. knots.Select(k => new DirtyMemoryPoint(TimeSpan.FromSeconds(k), (long)At(knots, ramps, k)))],
            [.. knots.Select(k => At(knots, ramps, k) is > 0 and var bytes ? deviations.At(k) / bytes : 0)]);
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
}
