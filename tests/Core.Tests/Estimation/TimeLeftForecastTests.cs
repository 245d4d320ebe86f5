using VirtMigrate.Estimation;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

/// <summary>What is ahead of a migration over 10 MiB/s, by numbers that can be worked out by hand: downtimes are 300 ms at most.</summary>
public sealed class TimeLeftForecastTests
{
    private const long MiB = 1024 * 1024;
    private const int Rate = 10;

    [Fact]
    public void In_the_first_pass_of_an_unknown_guest_the_pass_is_what_is_left()
    {
        var timeLeft = Look(new(), At(2, 1, remaining: 80, processed: 20));

        AssertSeconds(8, timeLeft.TimeLeft);
        AssertSeconds(8, timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void A_guest_that_was_measured_is_thought_through_from_the_begin()
    {
        // Half as fast as memory moves. 40 MiB of the 100 are no zeroes: 4 s, in 3.7 s of which 18.5 MiB are dirtied, then half of it each.
        var curve = DirtyMemoryCurve.Through([new(TimeSpan.FromSeconds(1), 5 * MiB), new(TimeSpan.FromSeconds(10), 50 * MiB)], 100 * MiB);

        var timeLeft = Look(new(curve, residentMemory: 40 * MiB), At(0, 1, remaining: 100, processed: 0));

        AssertSeconds(4 + 1.85 + 0.925 + 0.4625 + 0.23125, timeLeft.TimeLeft);
        AssertSeconds(4, timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void What_a_pass_showed_corrects_what_was_measured()
    {
        // Measured at 1 MiB/s, the guest dirties 20 MiB/s and more now.
        var curve = DirtyMemoryCurve.Through([new(TimeSpan.FromSeconds(1), MiB), new(TimeSpan.FromSeconds(100), 100 * MiB)], 400 * MiB);

        var timeLeft = Look(new(curve), At(0, 1, remaining: 103, processed: 0), At(10, 2, remaining: 303, processed: 100));

        Assert.Null(timeLeft.TimeLeft);
    }

    [Fact]
    public void After_the_first_pass_the_rest_goes_on_in_proportion_to_what_it_showed()
    {
        // 3 MiB were left over when the pass ended, 50 MiB were dirtied in its 10 s. Of the 53 MiB 3 are left over again.
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 53, processed: 97));

        AssertSeconds(5.3 + 2.5 + 1.25 + 0.625 + 0.3125 + 0.15625, timeLeft.TimeLeft);
        AssertSeconds(5.3, timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void Within_a_pass_the_time_left_falls_and_the_implied_downtime_stays()
    {
        var timeLeft = new TimeLeftForecast();

        Look(timeLeft, At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 53, processed: 97), At(12, 2, remaining: 33, processed: 117));

        AssertSeconds(3.3 + 2.5 + 1.25 + 0.625 + 0.3125 + 0.15625, timeLeft.TimeLeft);
        AssertSeconds(5.3, timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void A_guest_that_dirties_as_fast_as_memory_moves_has_no_time_left()
    {
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 103, processed: 97));

        Assert.Null(timeLeft.TimeLeft);
        AssertSeconds(10.3, timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void Two_passes_that_gained_nothing_are_not_talked_away_by_a_rate_that_reads_high()
    {
        // Of the 33 MiB of each pass 3 are left over; what is sent in 3 s is dirtied again.
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 33, processed: 97),
            At(13, 3, remaining: 33, processed: 127) with { MemoryRate = 12 * MiB }, At(16, 4, remaining: 33, processed: 157) with { MemoryRate = 12 * MiB });

        Assert.Null(timeLeft.TimeLeft);
        AssertSeconds(33 / ((0.64 * 12) + (0.36 * 10)), timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void A_throttled_guest_dirties_less_in_the_same_time()
    {
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 103, processed: 97) with { AutoConvergeThrottle = 50 });

        // The throttle of the pass that has ended is not known any more; the one from now on halves what is dirtied.
        Assert.Null(timeLeft.TimeLeft);
        Assert.NotNull(Look(timeLeft, At(20, 3, remaining: 53, processed: 197) with { AutoConvergeThrottle = 50 }).TimeLeft);
    }

    [Fact]
    public void What_fits_into_the_allowed_downtime_is_the_last_pass()
    {
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 2, processed: 98));

        AssertSeconds(0.2, timeLeft.TimeLeft);
    }

    [Fact]
    public void A_longer_downtime_that_is_allowed_ends_what_would_not_end()
    {
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 103, processed: 97));

        timeLeft.Update(At(11, 2, remaining: 93, processed: 107), MigrationPhase.Copying, TimeSpan.FromSeconds(11));

        AssertSeconds(9.3, timeLeft.TimeLeft);
    }

    [Fact]
    public void A_guest_that_stands_still_dirties_nothing()
    {
        var timeLeft = Look(new(), At(0, 1, remaining: 100, processed: 0), At(10, 2, remaining: 103, processed: 97));

        timeLeft.Update(At(11, 2, remaining: 93, processed: 107), MigrationPhase.Copying, maxDowntime: null, isStopped: true);

        AssertSeconds(9.3, timeLeft.TimeLeft);
    }

    [Fact]
    public void In_post_copy_what_remains_moves_once()
    {
        var timeLeft = TimeLeftForecast.Of(At(20, 3, remaining: 60, processed: 100), MigrationPhase.PostCopy, maxDowntime: null);

        AssertSeconds(6, timeLeft.TimeLeft);
        Assert.Null(timeLeft.ImpliedDowntime);
    }

    [Theory]
    [InlineData(5, 3 + 1.35 + 0.675 + 0.3375 + 0.16875)]
    [InlineData(10, null)]
    public void A_single_account_is_thought_through_by_the_dirty_rate_that_libvirt_tells(int dirtyRate, double? seconds)
    {
        var account = At(20, 5, remaining: 30, processed: 200) with { DirtyPagesPerSecond = dirtyRate * 256 };

        var timeLeft = TimeLeftForecast.Of(account, MigrationPhase.Copying, maxDowntime: null);

        AssertSeconds(3, timeLeft.ImpliedDowntime);
        if (seconds is { } expected)
        {
            AssertSeconds(expected, timeLeft.TimeLeft);
        }
        else
        {
            Assert.Null(timeLeft.TimeLeft);
        }
    }

    [Fact]
    public void A_pass_whose_begin_was_not_seen_shows_nothing()
    {
        // Seen from the middle of its third pass on, which would show more than it took time for.
        var timeLeft = Look(new(), At(29, 3, remaining: 10, processed: 300), At(30, 4, remaining: 53, processed: 307));

        AssertSeconds(5.3, timeLeft.TimeLeft);
    }

    [Fact]
    public void While_disks_are_copied_they_are_what_is_left()
    {
        var timeLeft = TimeLeftForecast.Of(
            new() { DataTotal = 150 * MiB, DataProcessed = 50 * MiB, DataRemaining = 100 * MiB, Elapsed = TimeSpan.FromSeconds(5) },
            MigrationPhase.Copying, maxDowntime: null);

        AssertSeconds(10, timeLeft.TimeLeft);
        Assert.Null(timeLeft.ImpliedDowntime);
    }

    [Fact]
    public void A_real_migration_that_came_nearer_with_each_pass_is_told_its_end()
    {
        var end = TimeSpan.FromSeconds(25.2);
        var looks = Replay("uniform-40-of-320-over-500mbit").Where(l => l.Account.Iteration > 1).ToArray();

        Assert.All(looks, l => Assert.NotNull(l.TimeLeft));
        var errors = looks.Select(l => (l.TimeLeft!.Value - (end - l.Account.Elapsed)).Duration() / (end - l.Account.Elapsed)).Order().ToArray();
        Assert.InRange(errors[errors.Length / 2], 0, 0.3);
        Assert.All(looks.Where(l => end - l.Account.Elapsed < TimeSpan.FromSeconds(10)), l =>
            Assert.InRange((l.TimeLeft!.Value - (end - l.Account.Elapsed)).TotalSeconds, -2.5, 2.5));
    }

    [Theory]
    [InlineData("uniform-40-of-320-over-250mbit", 11.2, 0.1)]
    [InlineData("hot-60-of-320-over-250mbit", 1.35, 0.3)]
    public void A_real_migration_that_did_not_end_is_told_so_from_the_fourth_pass_on(string name, double downtime, double tolerance)
    {
        var looks = Replay(name).Where(l => l.Account.Iteration >= 4).ToArray();

        Assert.True(looks.Length > 20);
        Assert.All(looks, l => Assert.Null(l.TimeLeft));
        Assert.All(looks, l => Assert.InRange(l.ImpliedDowntime!.Value.TotalSeconds, downtime * (1 - tolerance), downtime * (1 + tolerance)));
    }

    private static IEnumerable<(JobStatistics Account, TimeSpan? TimeLeft, TimeSpan? ImpliedDowntime)> Replay(string name)
    {
        var timeLeft = new TimeLeftForecast();
        foreach (var account in RecordedMigration.Read(name))
        {
            Look(timeLeft, account);
            yield return (account, timeLeft.TimeLeft, timeLeft.ImpliedDowntime);
        }
    }

    private static TimeLeftForecast Look(TimeLeftForecast timeLeft, params JobStatistics[] accounts)
    {
        foreach (var account in accounts)
        {
            timeLeft.Update(account, MigrationPhase.Copying, maxDowntime: null);
        }

        return timeLeft;
    }

    private static JobStatistics At(double seconds, long iteration, long remaining, long processed) => new()
    {
        Operation = JobOperation.MigrationOut,
        Elapsed = TimeSpan.FromSeconds(seconds),
        Iteration = iteration,
        DataTotal = 400 * MiB,
        DataRemaining = remaining * MiB,
        DataProcessed = processed * MiB,
        MemoryTotal = 400 * MiB,
        MemoryRemaining = remaining * MiB,
        MemoryProcessed = processed * MiB,
        MemoryRate = Rate * MiB,
        PageSize = 4096,
    };

    // QEMU sends eight bytes with each page.
    private static void AssertSeconds(double expected, TimeSpan? actual)
    {
        Assert.NotNull(actual);
        Assert.InRange(actual.Value.TotalSeconds, expected * 0.999, expected * 1.005);
    }
}
