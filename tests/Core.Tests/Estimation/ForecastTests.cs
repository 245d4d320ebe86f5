using VirtMigrate.Estimation;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

public sealed class ForecastTests
{
    private const double MiB = 1024 * 1024;

    [Fact]
    public void A_guest_far_below_the_rate_surely_ends_and_the_range_holds_the_figure()
    {
        var forecast = Guest(rate: 20, set: 1000).Of(Migration(memory: 1000, bandwidth: 100));

        Assert.Equal(MigrationConvergence.Converges, forecast.Verdict);
        Assert.Equal(12.5, forecast.Duration!.Value.TotalSeconds, 0.5);
        Assert.InRange(forecast.Duration.Value, forecast.ShortestDuration!.Value, forecast.LongestDuration!.Value);
        Assert.Equal(300, forecast.Downtime!.Value.TotalMilliseconds, 1.0);
    }

    [Fact]
    public void A_guest_far_above_the_rate_surely_does_not_and_has_no_figures()
    {
        var forecast = Guest(rate: 200, set: 1000).Of(Migration(memory: 2000, bandwidth: 100));

        Assert.Equal(MigrationConvergence.WillNotConverge, forecast.Verdict);
        Assert.Null(forecast.Duration);
        Assert.Null(forecast.Downtime);
        Assert.Null(forecast.Transferred);
        Assert.Null(forecast.Iterations);
    }

    [Fact]
    public void A_guest_at_the_rate_is_uncertain()
    {
        var forecast = Guest(rate: 97, set: 1000, read: [1, 2, 5, 10, 30]).Of(Migration(memory: 2000, bandwidth: 100));

        Assert.Equal(MigrationConvergence.Uncertain, forecast.Verdict);
        Assert.Null(forecast.LongestDuration);
        Assert.NotNull(forecast.ShortestDuration);
    }

    [Fact]
    public void What_may_end_though_it_is_not_expected_to_has_the_figures_of_the_case_that_it_does()
    {
        var forecast = Guest(rate: 103, set: 1000, read: [1, 2, 5, 10, 30]).Of(Migration(memory: 2000, bandwidth: 100));

        Assert.Equal(MigrationConvergence.Uncertain, forecast.Verdict);
        Assert.Null(forecast.LongestDuration);
        Assert.True(forecast.Duration > forecast.ShortestDuration, $"{forecast.Duration}, {forecast.ShortestDuration} at least");
        Assert.NotNull(forecast.Iterations);
        Assert.Equal(300, forecast.Downtime!.Value.TotalMilliseconds, 1.0);
    }

    [Fact]
    public void Of_guests_that_read_the_same_from_a_second_on_and_end_differently_nothing_certain_is_said()
    {
        // Both change 17.25 MiB within the first second, one most of it within 0.44 s, the other evenly. Libvirt measures whole seconds.
        static double Early(double seconds) => MiB * (Math.Min(33.75 * seconds, 15) + Math.Min(2.25 * seconds, 8));
        static double Evenly(double seconds) => seconds < 1 ? Early(1) * seconds : Early(seconds);
        var migration = Migration(memory: 130, bandwidth: 23);
        int[] periods = [1, 2, 5, 10, 30];
        var curve = DirtyMemoryCurve.Through(periods.Select(p => new DirtyMemoryPoint(TimeSpan.FromSeconds(p), (long)Early(p))), 130 * MiB);

        Assert.All(periods, p => Assert.Equal(Early(p), Evenly(p)));
        Assert.False(PrecopyModel.Run(migration, Early).Moves);
        Assert.True(PrecopyModel.Run(migration, Evenly).Moves);
        Assert.Equal(MigrationConvergence.Uncertain, new Forecasts(new() { Curve = curve }).Of(migration).Verdict);
    }

    [Fact]
    public void A_downtime_that_a_policy_allows_later_is_the_one_that_is_told()
    {
        var migration = Migration(memory: 1000, bandwidth: 100) with
        {
            Steps = [new() { AfterIterations = 1, Action = MigrationAction.SetMaxDowntime, MaxDowntime = TimeSpan.FromSeconds(2) }],
        };

        Assert.Equal(2000, Guest(rate: 1000, set: 150).Of(migration).Downtime!.Value.TotalMilliseconds, 1.0);
    }

    [Theory]
    [InlineData(36, MigrationConvergence.Uncertain)]
    [InlineData(45, MigrationConvergence.WillNotConverge)]
    public void A_little_above_the_limit_the_order_of_the_writes_may_still_let_it_end(int hot, MigrationConvergence verdict)
    {
        // In the allowed downtime 30 MiB move.
        long bytes = hot * (long)MiB;
        var curve = DirtyMemoryCurve.Through([new(TimeSpan.FromSeconds(0.1), bytes), new(TimeSpan.FromSeconds(10), bytes)], 10_000 * MiB);

        Assert.Equal(verdict, new Forecasts(new() { Curve = curve }).Of(Migration(memory: 1000, bandwidth: 100)).Verdict);
    }

    [Fact]
    public void The_least_bandwidth_and_the_least_downtime_are_where_it_turns()
    {
        var forecasts = Guest(rate: 80, set: 200);
        var busy = Migration(memory: 1000, bandwidth: 60);
        Assert.False(forecasts.IsSure(busy));

        var bandwidth = forecasts.MinimumBandwidth(busy)!.Value;
        Assert.True(forecasts.IsSure(busy with { Bandwidth = bandwidth * 1.01 }));
        Assert.False(forecasts.IsSure(busy with { Bandwidth = bandwidth * 0.98 }));

        var downtime = forecasts.MinimumMaxDowntime(busy)!.Value.TotalSeconds;
        Assert.Equal(200 / 60.0, downtime, 0.1);
        Assert.True(forecasts.IsSure(busy with { MaxDowntime = downtime }));
        Assert.False(forecasts.IsSure(busy with { MaxDowntime = downtime * 0.98 }));
    }

    [Theory]
    [InlineData(20, 0)]
    [InlineData(200, 51)]
    public void The_throttle_is_what_brings_the_guest_below_the_rate(int rate, int percent) =>
        Assert.Equal(percent, Guest(rate, set: 100_000).MinimumThrottle(Migration(memory: 1000, bandwidth: 100)) ?? -1, 2.0);

    [Fact]
    public void A_guest_that_stands_still_needs_no_curve()
    {
        var forecast = new Forecasts(new() { Overhead = 1, StorageTime = 3, Switchover = 0.05 }).Of(Migration(memory: 1000, bandwidth: 100));

        Assert.Equal((MigrationConvergence.Converges, 14), (forecast.Verdict, Math.Round(forecast.Duration!.Value.TotalSeconds)));
        Assert.Equal(0.35, forecast.Downtime!.Value.TotalSeconds, 1e-3);
    }

    private static PrecopyCase Migration(double memory, double bandwidth) => new() { Memory = memory * MiB, Bandwidth = bandwidth * MiB };

    // A guest that writes a set of memory over and over; without readings the curve is exact.
    private static Forecasts Guest(double rate, double set, int[]? read = null)
    {
        double[] periods = [0.1, 0.3, 1, 2, set / rate, (set / rate) + 30];
        var curve = read is null
            ? DirtyMemoryCurve.Through(periods.Order().Distinct().Select(p => new DirtyMemoryPoint(TimeSpan.FromSeconds(p), (long)(Math.Min(rate * p, set) * MiB))), set * MiB)
            : ConcaveFit.Curve([.. read.Select(p => new DirtyRateReading((long)(Math.Min(rate * p, set) / p) * (long)MiB, TimeSpan.FromSeconds(p), null))], set * MiB);
        return new(new() { Curve = curve });
    }
}
