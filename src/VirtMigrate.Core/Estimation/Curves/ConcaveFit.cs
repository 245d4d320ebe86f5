using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>Finds the curve that is nearest to readings among those that begin at 0, never fall and are concave.</summary>
/// <remarks>
/// Each such curve with knots at the measured periods p is a sum of ramps a·min(t, p) with a ≥ 0, so that the nearest one is a
/// least-squares problem without negative unknowns. It is solved one unknown at a time, over and over, which always leads there.
/// </remarks>
internal static class ConcaveFit
{
    /// <summary>The memory that each sampled page stands for: QEMU compares 512 pages of each GiB.</summary>
    public const double BytesPerSample = 1 << 21;

    // QEMU tells whole MiB/s, cut off.
    private const double RateStep = 1 << 20;

    // By how much the sum of the squared deviations must rise without a knee at the shortest period for it to be more than noise (Akaike).
    private const double LeastMisfit = 2;
    private const int MostRounds = 20_000;
    private const double Precise = 1e-9;

    /// <summary>Fits a curve.</summary>
    /// <param name="readings">The readings, at least one.</param>
    /// <returns>The curve's points, one for each period.</returns>
    public static IReadOnlyList<DirtyMemoryPoint> Of(IReadOnlyCollection<DirtyRateReading> readings)
    {
        double[] knots = [.. readings.Select(r => r.Period.TotalSeconds).Distinct().Order()];
        var bursts = new Bursts(readings);
        (double Seconds, double Bytes, double Weight)[] measured =
            [.. readings.GroupBy(r => (r.Period, r.Mode)).SelectMany(same => Weigh([.. same], bursts.Of(same.Key.Period)))];
        var ramps = SolveWithoutNoise(knots, measured);
        return [.. knots.Select(k => new DirtyMemoryPoint(TimeSpan.FromSeconds(k), (long)At(knots, ramps, k)))];
    }

    // A count of n pages among those that are sampled is off by the root of n; the step that was cut off is half a step on average; and
    // what was met of a burst says little of the mean. Readings of one period count the same: if each were weighed by its own figure,
    // the low ones would seem the more certain.
    private static IEnumerable<(double Seconds, double Bytes, double Weight)> Weigh(DirtyRateReading[] same, double bursts)
    {
        var seconds = same[0].Period.TotalSeconds;
        var step = same[0].Mode == DirtyRateMode.PageSampling ? RateStep * seconds : 0;
        var mean = same.Average(r => (double)r.DistinctBytes) + (step / 2);
        var variance = (Math.Max(mean, BytesPerSample) * BytesPerSample) + (step * step / 12) + (bursts * mean * mean);
        return same.Select(r => (seconds, r.DistinctBytes + (step / 2), 1 / variance));
    }

    // What happens before the shortest period follows from the knee there alone, so that noise must not make one.
    private static double[] SolveWithoutNoise(double[] knots, (double Seconds, double Bytes, double Weight)[] measured)
    {
        var ramps = Solve(knots, measured);
        if (knots.Length == 1)
        {
            return ramps;
        }

        double[] straight = [0, .. Solve(knots[1..], measured)];
        return Misfit(knots, straight, measured) - Misfit(knots, ramps, measured) < LeastMisfit ? straight : ramps;
    }

    private static double Misfit(double[] knots, double[] ramps, (double Seconds, double Bytes, double Weight)[] measured) =>
        measured.Sum(m => m.Weight * Math.Pow(m.Bytes - At(knots, ramps, m.Seconds), 2));

    private static double At(double[] knots, double[] ramps, double seconds) => knots.Zip(ramps, (p, a) => a * Math.Min(seconds, p)).Sum();

    private static double[] Solve(double[] knots, (double Seconds, double Bytes, double Weight)[] measured)
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
