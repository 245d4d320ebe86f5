using VirtMigrate.Estimation;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

public sealed class RecommendationTests
{
    private const double MiB = 1024 * 1024;

    [Fact]
    public void A_migration_that_ends_is_left_as_it_is()
    {
        var found = Find(Scene(rate: 10));

        Assert.Equal((string.Empty, "as given"), (found.Added, found.ToString()));
        Assert.Equal("it converges as it is", found.Reason);
    }

    [Fact]
    public void A_little_more_downtime_goes_before_everything_that_costs_more()
    {
        // 60 MiB are written over and over; they take 0.6 s.
        var found = Find(Scene(rate: 200, set: 60));

        Assert.Equal("-MaxDowntime 700", found.Added);
        Assert.Equal(700L, found.Options["MaxDowntime"]);
        Assert.Equal(MigrationConvergence.Converges, found.Forecast.Verdict);
    }

    [Fact]
    public void A_downtime_that_was_given_is_not_raised()
    {
        var found = Find(Scene(rate: 200, set: 60).WithMaxDowntime(TimeSpan.FromMilliseconds(300)));

        Assert.DoesNotContain("MaxDowntime", found.Added, StringComparison.Ordinal);
        Assert.Equal(300L, found.Options["MaxDowntime"]);
    }

    [Fact]
    public void A_guest_that_is_a_little_too_fast_is_slowed_down()
    {
        var found = Find(Scene(rate: 150));

        Assert.StartsWith("-AutoConverge -AutoConvergeInitial ", found.Added, StringComparison.Ordinal);
        Assert.Equal(MigrationConvergence.Converges, found.Forecast.Verdict);
    }

    [Fact]
    public void A_guest_that_is_far_too_fast_goes_by_post_copy()
    {
        var found = Find(Scene(rate: 2000));

        Assert.Equal("-PostCopy -PostCopyAfterPrecopy", found.Added);
        Assert.Empty(MigrationOptionSet.FromValues(found.Options).Validate());
    }

    [Fact]
    public void Where_nothing_else_is_possible_the_guest_is_stopped()
    {
        var found = Find(Scene(rate: 200_000, memory: 20_000) with { CanPostCopy = false });

        Assert.Matches("^-Timeout [0-9]+ -OnTimeout Suspend$", found.Added);
        Assert.Equal(MigrationConvergence.Converges, found.Forecast.Verdict);
    }

    [Fact]
    public void More_connections_fill_a_fast_link()
    {
        var found = Find(Scene(rate: 10) with { LinkBandwidth = 40e9 / 8, Connections = 4 });

        Assert.Equal("-Parallel 4", found.Added);
        Assert.Equal("one connection does not fill the link", found.Reason);
    }

    [Fact]
    public void Connections_that_go_with_nothing_else_are_left_out()
    {
        var found = Find(Scene(rate: 200_000, memory: 20_000) with { LinkBandwidth = 40e9 / 8, Connections = 4 });

        Assert.Equal("-PostCopy -PostCopyAfterPrecopy", found.Added);
    }

    [Fact]
    public void Options_that_a_host_does_not_know_are_not_recommended()
    {
        var found = Find(Scene(rate: 2000) with { IsSupported = o => !o.Has(MigrationOptions.PostCopy) && !o.Has(MigrationOptions.AutoConverge) });

        Assert.Matches("^-(MaxDowntime [0-9]+|Timeout [0-9]+ -OnTimeout Suspend)$", found.Added);
    }

    [Fact]
    public void What_was_given_stays()
    {
        var given = MigrationOptionSet.Empty.With(MigrationOptions.Persistent, true).With(MigrationOptions.Bandwidth, 50L << 20);
        var found = Find(Scene(rate: 200, set: 60) with { Options = given });

        Assert.Equal(true, found.Options["Persistent"]);
        Assert.Equal(50L << 20, found.Options["Bandwidth"]);
    }

    private static MigrationRecommendation Find(EstimateInput scene) => new Recommendations(scene).Find();

    private static EstimateInput Scene(double rate, double set = 100_000, double memory = 1000)
    {
        double[] periods = [0.1, 0.3, 1, 2, 5, 30];
        return new()
        {
            Options = MigrationOptionSet.Empty,
            Memory = memory * MiB,
            LinkBandwidth = 100 * MiB,
            Curve = DirtyMemoryCurve.Through(
                periods.Select(p => new DirtyMemoryPoint(TimeSpan.FromSeconds(p), (long)(Math.Min(rate * p, Math.Min(set, memory)) * MiB))), Math.Min(set, memory) * MiB),
            IsSupported = o => !o.Has(MigrationOptions.PostCopy) || !o.Has(MigrationOptions.Parallel),
        };
    }
}
