using VirtMigrate.Estimation;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

/// <summary>Guests whose writing is known, measured as QEMU does: by a few pages, now and again, in whole MiB/s.</summary>
public sealed class SampledGuestTests
{
    private const double MiB = 1024 * 1024;
    private const int Memory = 256;
    private const int Rounds = 60;
    private const double Standstill = 0.3;

    [Theory]
    [InlineData(8)]
    [InlineData(22)]
    public void Of_a_guest_that_writes_evenly_the_truth_lies_between_the_curves(int rate)
    {
        var truth = rate * Standstill * MiB;
        var curves = Measure(t => Math.Min(rate * t, 128));

        Assert.True(curves.Count(c => c.Pessimistic(Standstill) < truth) <= 1, "A promise would not hold.");
        Assert.True(curves.Count(c => c.Optimistic(Standstill) > truth) <= Rounds / 20, "Too much would be ruled out.");
        Assert.Equal(truth, curves.Average(c => c.Expected(Standstill)), 0.05 * truth);
    }

    [Fact]
    public void A_small_set_that_is_written_over_and_over_is_seen_whenever_it_is_measured()
    {
        // 15 MiB within less than half a second, and little else.
        var truth = 15 / 0.44 * Standstill * MiB;
        var curves = Measure(t => Math.Min(15 / 0.44 * t, 15) + (2 * t / (1 + (t / 4))));

        Assert.All(curves, c => Assert.True(c.Pessimistic(Standstill) > truth, $"{c.Pessimistic(Standstill) / MiB} MiB, and it is {truth / MiB}"));
    }

    [Fact]
    public void What_was_saturated_is_known_better_than_any_reading_of_it()
    {
        // A reading finds some 8 pages of 128, which are off by three.
        var curves = Measure(t => Math.Min(200 * t, 16));

        Assert.All(curves, c => Assert.InRange(c.Expected(5), 0.7 * 16 * MiB, 1.35 * 16 * MiB));
        Assert.All(curves, c => Assert.InRange(c.RelativeError, 0.08, 0.2));
    }

    private static DirtyMemoryCurve[] Measure(Func<double, double> written)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, Rounds).Select(_ => ConcaveFit.Curve([.. DirtyRateMeasurement.CurvePeriods.Select(Read)], Memory * MiB))];

        DirtyRateReading Read(int period)
        {
            var found = Enumerable.Range(0, Memory / 2).Count(_ => random.NextDouble() < written(period) / Memory);
            return new((long)(2 * found / period) * (long)MiB, TimeSpan.FromSeconds(period), null);
        }
    }
}
