using System.Collections.Specialized;
using VirtMigrate.Estimation;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

/// <summary>What one migration achieved, by libvirt's accounts of it.</summary>
public sealed class TransferMeterTests
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public void The_rate_is_that_of_the_memory_while_it_moved()
    {
        var achieved = Close(Result(), Preparing(0.5), At(1, 10), At(6, 60), At(11, 110), At(12, 120) with { MemoryRemaining = 0 });

        Assert.Equal(10 * MiB, achieved!.BytesPerSecond);
        Assert.Equal(120 * MiB, achieved.Transferred);
        Assert.Equal(TimeSpan.FromSeconds(12), achieved.Duration);
        Assert.Equal(TimeSpan.FromSeconds(3), achieved.Overhead);
        Assert.Equal(("kvm1", "kvm2", "db1", 1), (achieved.Source, achieved.Destination, achieved.Vm, achieved.Connections));
        Assert.Null(achieved.Limit);
    }

    [Fact]
    public void The_time_in_which_disks_were_copied_does_not_count()
    {
        // Memory begins to move at 2 s: a second before the first account of it. Disks took the 1.5 s before that.
        var achieved = Close(Result(), Disks(0.5, 5), Disks(1.5, 30), At(3, 10), At(12, 100));

        Assert.Equal(TimeSpan.FromSeconds(12), achieved!.Duration);
        Assert.Equal(TimeSpan.FromSeconds(1.5), achieved.Overhead);
    }

    [Fact]
    public void Memory_that_moved_between_two_looks_is_told_by_libvirts_own_rate()
    {
        var achieved = Close(Result(), At(1, 10));

        Assert.Equal(60 * MiB, achieved!.BytesPerSecond);
        Assert.Equal(TimeSpan.FromSeconds(2), achieved.Duration);
    }

    [Fact]
    public void Limit_and_connections_are_kept()
    {
        var achieved = Close(Result() with { Connections = 4, Options = Options(new("Bandwidth", 20 * MiB)) }, At(1, 10), At(11, 110));

        Assert.Equal((4, 20 * MiB), (achieved!.Connections, achieved.Limit));
    }

    [Fact]
    public void What_tells_nothing_of_the_next_migration_is_not_kept()
    {
        string[] methods = ["xbzrle"];
        VmMigrationResult[] results =
        [
            Result() with { Outcome = MigrationOutcome.RolledBack },
            Result() with { IsLive = false },
            Result() with { Statistics = null },
            Result() with { Phases = [new(MigrationPhase.PostCopy, TimeSpan.Zero, TimeSpan.FromSeconds(1))] },
            Result() with { Options = Options(new("Compression", methods)) },
        ];

        Assert.All(results, r => Assert.Null(Close(r, At(1, 10), At(11, 110))));
    }

    // 120 MiB at 60 MiB/s, in a migration of 15 s.
    private static VmMigrationResult Result() => TestData.Result() with
    {
        Statistics = new() { Operation = JobOperation.MigrationIn, IsCompleted = true, MemoryProcessed = 120 * MiB, MemoryRate = 60 * MiB },
    };

    private static OrderedDictionary Options(KeyValuePair<string, object> option) => MigrationOptionValues.Of([option]);

    private static VmMigrationBandwidth? Close(VmMigrationResult result, params JobStatistics[] accounts)
    {
        var meter = new TransferMeter();
        Array.ForEach(accounts, meter.Take);
        return meter.Close(result);
    }

    private static JobStatistics Preparing(double seconds) => new() { Elapsed = TimeSpan.FromSeconds(seconds), Iteration = 0 };

    private static JobStatistics Disks(double seconds, long processed) => Preparing(seconds) with { DiskProcessed = processed * MiB };

    private static JobStatistics At(double seconds, long processed) => new()
    {
        Elapsed = TimeSpan.FromSeconds(seconds),
        Iteration = 1,
        MemoryProcessed = processed * MiB,
        MemoryRemaining = 50 * MiB,
        DiskProcessed = 30 * MiB,
        MemoryRate = 99 * MiB,
    };
}
