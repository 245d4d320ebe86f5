using VirtMigrate.Estimation;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

public sealed class DirtyMemoryCurveTests
{
    private const long MiB = 1024 * 1024;

    private static readonly int[] Periods = [1, 2, 1, 5, 10, 30];
    private static readonly double[] Times = [0.1, 0.5, 1, 3, 7, 20, 50];

    [Fact]
    public void Four_periods_of_the_published_sample_bracket_what_all_22_say()
    {
        var few = PublishedSample.Curve(1, 2, 10, 60);
        foreach (var (gigabits, limit, _) in PublishedSample.Published)
        {
            var migration = PublishedSample.Migration(gigabits, limit);
            var truth = PrecopyModel.Run(migration, PublishedSample.Written);
            var best = PrecopyModel.Run(migration, few.Optimistic);
            var worst = PrecopyModel.Run(migration, few.Pessimistic);

            Assert.True(!truth.Moves || best.Moves, $"{gigabits} Gbit/s, {limit} s: the optimistic curve does not converge");
            Assert.True(truth.Moves || !worst.Moves, $"{gigabits} Gbit/s, {limit} s: the pessimistic curve converges");
            Assert.True(!truth.Moves || best.Seconds <= truth.Seconds + 0.5, $"{gigabits} Gbit/s, {limit} s: {best.Seconds} > {truth.Seconds}");
            Assert.True(!worst.Moves || worst.Seconds >= truth.Seconds - 0.5, $"{gigabits} Gbit/s, {limit} s: {worst.Seconds} < {truth.Seconds}");
        }
    }

    [Fact]
    public void A_curve_never_falls_and_is_concave_whatever_was_read()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var curve = ConcaveFit.Curve([.. Periods.Select(p => Reading(p, random.Next(0, 200)))], 4096 * MiB);
            (double Seconds, double Bytes)[] points = [(0, 0), .. curve.Points.Select(p => (p.Period.TotalSeconds, (double)p.Bytes))];
            double[] slopes = [.. points.Zip(points.Skip(1), (a, b) => (b.Bytes - a.Bytes) / (b.Seconds - a.Seconds))];
            Assert.All(slopes, s => Assert.True(s >= -1, $"falls by {s}"));
            Assert.All(slopes.Zip(slopes.Skip(1)), s => Assert.True(s.Second <= s.First + 1, $"{s.First}, then {s.Second}"));
            Assert.All(Times, t => Assert.InRange(curve.Expected(t), curve.Optimistic(t), curve.Pessimistic(t)));
        }
    }

    [Fact]
    public void Readings_that_agree_are_met()
    {
        // 40 MiB/s over a working set of 320 MiB; QEMU cuts rates off to whole MiB/s.
        var curve = ConcaveFit.Curve([Reading(1, 40), Reading(2, 40), Reading(5, 40), Reading(10, 32), Reading(30, 10)], 400 * MiB);

        Assert.Equal(40 * MiB, curve.Expected(1), 2 * MiB);
        Assert.Equal(200 * MiB, curve.Expected(5), 8 * MiB);
        Assert.Equal(320 * MiB, curve.Expected(30), 12 * MiB);
    }

    [Fact]
    public void One_reading_leaves_all_room_that_concavity_leaves()
    {
        var curve = DirtyMemoryCurve.Through([new(TimeSpan.FromSeconds(10), 100 * MiB)], 1000 * MiB);

        Assert.Equal(10 * MiB, curve.Optimistic(1));
        Assert.Equal(100 * MiB, curve.Pessimistic(1));
        Assert.Equal(100 * MiB, curve.Optimistic(20));
        Assert.Equal(200 * MiB, curve.Pessimistic(20));
        Assert.Equal(1000 * MiB, curve.Pessimistic(1000));
    }

    [Fact]
    public void More_readings_make_it_surer_and_bursts_less_sure()
    {
        var once = ConcaveFit.Curve([Reading(1, 40)], 400 * MiB);
        var often = ConcaveFit.Curve([Reading(1, 41), Reading(1, 39), Reading(1, 40), Reading(2, 40), Reading(5, 40)], 400 * MiB);
        var bursts = ConcaveFit.Curve([Reading(1, 0), Reading(1, 80), Reading(1, 40), Reading(2, 40), Reading(5, 40)], 400 * MiB);

        Assert.Equal(0.3, once.RelativeError);
        Assert.InRange(often.RelativeError, 0.08, 0.15);
        Assert.True(bursts.RelativeError > 1.5 * often.RelativeError, $"{bursts.RelativeError} after bursts, {often.RelativeError} without");
    }

    [Fact]
    public void A_guest_that_writes_now_more_now_less_is_met_at_its_mean()
    {
        // From 2 to 38 MiB/s, as evenly as it gets. If each reading were weighed by its own figure, the low ones would count most.
        var curve = ConcaveFit.Curve([.. Enumerable.Range(0, 10).Select(i => Reading(1, 2 + (4 * i)))], 400 * MiB);

        Assert.Equal(20.5 * MiB, curve.Expected(1), MiB);
    }

    [Fact]
    public void Noise_makes_no_knee_at_the_shortest_period_but_a_small_hot_set_does()
    {
        // 2 MiB of 10 are less than the error of such readings.
        var straight = ConcaveFit.Curve([Reading(1, 10), Reading(1, 12), Reading(2, 9), Reading(5, 9)], 4096 * MiB);
        var hot = ConcaveFit.Curve([Reading(1, 210), Reading(1, 212), Reading(2, 110), Reading(5, 50)], 4096 * MiB);

        Assert.Equal(straight.Expected(1) / 4, straight.Expected(0.25), MiB);
        Assert.Equal(straight.Pessimistic(1) / 4, straight.Pessimistic(0.25), MiB);
        Assert.True(hot.Expected(0.25) > 0.5 * hot.Expected(1), $"{hot.Expected(0.25)} of {hot.Expected(1)}");
        Assert.True(hot.Pessimistic(0.25) > 0.9 * hot.Expected(1), $"{hot.Pessimistic(0.25)} of {hot.Expected(1)}");
    }

    [Fact]
    public void A_curve_that_bends_at_its_first_point_has_bent_before()
    {
        // 100 MiB at once and 10 MiB/s from then on, or 146.7 MiB/s for three quarters of a second.
        var curve = DirtyMemoryCurve.Through([new(TimeSpan.FromSeconds(1), 110 * MiB), new(TimeSpan.FromSeconds(2), 120 * MiB)], 1000 * MiB);

        Assert.Equal(107.5 * MiB, curve.Optimistic(0.75));
        Assert.Equal(107.5 / 3 * MiB, curve.Optimistic(0.25), 1);
        Assert.Equal(102.5 * MiB, curve.Pessimistic(0.25));
        Assert.Equal((27.5 + 102.5) / 2 * MiB, curve.Expected(0.25));
        Assert.Equal(107.5 * MiB, curve.Expected(0.75));
    }

    [Fact]
    public void A_guest_that_is_through_with_its_memory_between_two_points_may_have_written_evenly_before()
    {
        // 25 MiB/s over 32 MiB.
        var curve = DirtyMemoryCurve.Through(
            [new(TimeSpan.FromSeconds(1), 25 * MiB), new(TimeSpan.FromSeconds(2), 32 * MiB), new(TimeSpan.FromSeconds(5), 32 * MiB)], 1000 * MiB);

        Assert.InRange(curve.Optimistic(0.3), 0, 0.3 * 26 * MiB);
    }

    [Fact]
    public void A_knee_that_may_be_noise_is_feared_but_not_expected()
    {
        // 12 MiB in the first second and 42 in five: one may be a chance as long as few readings say so.
        DirtyMemoryCurve Curve(int times) =>
            ConcaveFit.Curve([.. Enumerable.Repeat(Reading(1, 12), times), .. Enumerable.Repeat(Reading(5, 8), times)], 400 * MiB);

        var (chance, suspicious, sure) = (Curve(2), Curve(5), Curve(20));

        Assert.Equal(chance.Expected(1) / 4, chance.Expected(0.25), 0.01 * MiB);
        Assert.InRange(chance.Pessimistic(0.25), chance.Expected(0.25), 1.5 * chance.Expected(0.25));
        Assert.Equal(suspicious.Expected(1) / 4, suspicious.Expected(0.25), 0.01 * MiB);
        Assert.True(suspicious.Pessimistic(0.25) > 2 * suspicious.Expected(0.25), $"{suspicious.Pessimistic(0.25)}, {suspicious.Expected(0.25)}");
        Assert.True(sure.Expected(0.25) > 1.2 * sure.Expected(1) / 4, $"{sure.Expected(0.25)} of {sure.Expected(1)}");
    }

    [Fact]
    public void Readings_of_all_periods_make_a_point_surer()
    {
        DirtyRateReading[] seconds = [Reading(1, 20), Reading(1, 20), Reading(1, 20)];
        DirtyRateReading[] more = [.. Enumerable.Repeat(Reading(2, 10), 6)];

        Assert.Equal(0.3, ConcaveFit.Curve(seconds, 400 * MiB).RelativeError, 1e-6);
        Assert.InRange(ConcaveFit.Curve([.. seconds, .. more], 400 * MiB).RelativeError, 0.15, 0.24);
    }

    [Fact]
    public void The_published_guest_never_writes_less_than_the_optimistic_curve_says()
    {
        var few = PublishedSample.Curve(1, 2, 10, 60);

        Assert.All(PublishedSample.Seconds, s => Assert.InRange(PublishedSample.Written(s), 0.93 * few.Optimistic(s), 1.07 * few.Pessimistic(s)));
    }

    private static DirtyRateReading Reading(int seconds, long rate) => new(rate * MiB, TimeSpan.FromSeconds(seconds), DateTimeOffset.UnixEpoch);
}
