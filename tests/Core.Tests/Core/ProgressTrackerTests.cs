using System.Management.Automation;
using CsCheck;
using VirtMigrate.Estimation;
using VirtMigrate.Migration;
using VirtMigrate.Progress;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class ProgressTrackerTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public void The_percentage_never_falls_whatever_libvirt_counts()
    {
        var account = Gen.Select(Gen.Long[0, 1L << 40], Gen.Long[0, 1L << 40], Gen.Long[0, 1L << 40])
            .Select(t => new JobStatistics { DataTotal = t.Item1, DataProcessed = t.Item2, DataRemaining = t.Item3 });

        account.List[1, 30].Sample(accounts =>
        {
            var tracker = new ProgressTracker("db1");
            var seen = accounts.Select(a => tracker.Update(a, MigrationPhase.Copying).PercentComplete).ToArray();
            return seen.SequenceEqual(seen.Order()) && seen.All(p => p is >= 0 and <= 99);
        });
    }

    [Fact]
    public void A_vm_that_has_moved_is_the_only_hundred()
    {
        var tracker = new ProgressTracker("db1");

        Assert.Equal(0, tracker.Enter(MigrationPhase.Ended, TimeSpan.Zero).PercentComplete);
        Assert.Equal(100, tracker.Enter(MigrationPhase.Ended, TimeSpan.Zero, isCompleted: true).PercentComplete);
    }

    [Fact]
    public void Time_left_and_implied_downtime_are_those_of_the_forecast()
    {
        var account = Account(remaining: 30, dirtyRate: 5);

        var progress = new ProgressTracker("db1").Update(account, MigrationPhase.Copying);

        Assert.Equal(TimeLeftForecast.Of(account, MigrationPhase.Copying, null).TimeLeft, progress.TimeLeft);
        Assert.Equal(TimeSpan.FromSeconds(3), progress.ImpliedDowntime);
        Assert.False(progress.IsEndless);
    }

    [Fact]
    public void A_guest_that_dirties_as_fast_as_memory_moves_is_said_not_to_converge()
    {
        var progress = new ProgressTracker("db1").Update(Account(remaining: 30, dirtyRate: 10), MigrationPhase.Copying);

        Assert.Null(progress.TimeLeft);
        Assert.True(progress.IsEndless);
        Assert.Equal("remaining 30 MiB at 10 MiB/s, iteration 5, does not converge, switchover now would take 3.0 s", Status(progress));
    }

    [Fact]
    public void A_migration_that_converges_is_told_with_the_downtime_that_it_would_cost_now()
    {
        var progress = new ProgressTracker("db1").Update(Account(remaining: 30, dirtyRate: 5), MigrationPhase.Copying);

        Assert.Equal("remaining 30 MiB at 10 MiB/s, iteration 5, switchover now would take 3.0 s", Status(progress));
    }

    [Fact]
    public void In_post_copy_there_is_no_downtime_to_tell()
    {
        var progress = new ProgressTracker("db1").Update(Account(remaining: 30, dirtyRate: 10), MigrationPhase.PostCopy);

        Assert.Equal(TimeSpan.FromSeconds(3), progress.TimeLeft);
        Assert.Equal("post-copy: remaining 30 MiB at 10 MiB/s, iteration 5", Status(progress));
    }

    [Fact]
    public void An_ended_job_is_told_by_its_average_rate()
    {
        var account = new JobStatistics { IsCompleted = true, DataProcessed = 100 * MiB, Elapsed = TimeSpan.FromSeconds(10), MemoryRate = 999 * MiB };

        Assert.Equal(10 * MiB, account.Rate);
    }

    private static JobStatistics Account(int remaining, int dirtyRate) => new()
    {
        Operation = JobOperation.MigrationOut,
        Elapsed = TimeSpan.FromSeconds(20),
        DataTotal = 200 * MiB,
        DataProcessed = 150 * MiB,
        DataRemaining = remaining * MiB,
        MemoryRate = 10 * MiB,
        DirtyPagesPerSecond = dirtyRate * 256,
        PageSize = 4096,
        Iteration = 5,
    };

    private static string Status(MigrationProgress progress)
    {
        var records = new List<ProgressRecord>();
        using var writer = new MigrationProgressWriter("Migrating 'db1'", parent: null, records.Add);
        writer.Report(progress);
        return records[0].StatusDescription;
    }
}
