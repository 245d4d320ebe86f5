using CsCheck;
using VirtMigrate.Migration;
using VirtMigrate.Model;
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
    public void The_time_left_takes_into_account_what_the_guest_dirties_meanwhile()
    {
        var account = new JobStatistics { DataRemaining = 100 * MiB, DirtyPagesPerSecond = 5 * 256, PageSize = 4096 };

        Assert.Equal(TimeSpan.FromSeconds(20), ProgressTracker.TimeLeft(account, 10 * MiB));
    }

    [Fact]
    public void A_guest_that_dirties_as_fast_as_memory_moves_has_no_time_left_to_tell()
    {
        var account = new JobStatistics { DataRemaining = 100 * MiB, DirtyPagesPerSecond = 10 * 256, PageSize = 4096 };

        Assert.Null(ProgressTracker.TimeLeft(account, 10 * MiB));
    }

    [Fact]
    public void An_ended_job_is_told_by_its_average_rate()
    {
        var account = new JobStatistics { IsCompleted = true, DataProcessed = 100 * MiB, Elapsed = TimeSpan.FromSeconds(10), MemoryRate = 999 * MiB };

        Assert.Equal(10 * MiB, ProgressTracker.Rate(account));
    }
}
