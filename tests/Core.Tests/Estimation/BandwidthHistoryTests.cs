using VirtMigrate.Estimation;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

/// <summary>What completed migrations say of the next one between the same hosts.</summary>
public sealed class BandwidthHistoryTests
{
    private const long MiB = 1024 * 1024;

    private static readonly VmHost Kvm1 = TestData.Host() with { Uuid = new("11111111-1111-1111-1111-111111111111") };
    private static readonly VmHost Kvm2 = TestData.Host("kvm2") with { Uuid = new("22222222-2222-2222-2222-222222222222") };

    /// <summary>A migration of ten seconds from kvm1 to kvm2.</summary>
    internal static VmMigrationBandwidth Record(long rate, int minute = 0) => new()
    {
        Source = "kvm1",
        Destination = "kvm2",
        Vm = "db1",
        StartTime = DateTimeOffset.UnixEpoch.AddMinutes(minute),
        BytesPerSecond = rate * MiB,
        Transferred = 10 * rate * MiB,
        Duration = TimeSpan.FromSeconds(10),
        Overhead = TimeSpan.FromSeconds(1),
    };

    [Fact]
    public void One_migration_that_was_slow_does_not_count_and_old_ones_are_forgotten()
    {
        var found = Find(Record(50), Record(20, minute: 1), Record(48, minute: 2));

        Assert.Equal(48 * MiB, found!.BytesPerSecond);
        Assert.Equal(3, found.Count);
        Assert.Equal("3 migrations from kvm1 to kvm2", found.Evidence);
        Assert.Equal("48.0 MiB/s by 3 migrations from kvm1 to kvm2", found.ToString());
        Assert.Equal(35 * MiB, Find(Record(50), Record(20, minute: 1))!.BytesPerSecond);

        var changed = Find([.. Enumerable.Range(0, 9).Select(i => Record((i < 6 ? 50 : 20) + i, minute: i))])!;
        Assert.Equal((28 * MiB, 5), (changed.BytesPerSecond, changed.Count));
    }

    [Fact]
    public void The_order_is_that_of_the_migrations_not_of_the_records() =>
        Assert.Equal(Find(Record(10), Record(20, minute: 1)), Find(Record(20, minute: 1), Record(10)));

    [Fact]
    public void A_record_that_comes_back_from_a_file_into_its_own_session_counts_once()
    {
        // A file has whole seconds.
        var live = Record(10) with { StartTime = DateTimeOffset.UnixEpoch.AddMilliseconds(600) };

        Assert.Equal(1, Find(live, live with { StartTime = DateTimeOffset.UnixEpoch })!.Count);
    }

    [Fact]
    public void Nothing_is_known_between_other_hosts()
    {
        var history = new BandwidthHistory([Record(10)]);

        Assert.Null(history.Find(Kvm1, TestData.Host("kvm3")));
        Assert.Null(history.FindOverhead(Kvm1, TestData.Host("kvm3")));
    }

    [Fact]
    public void The_same_direction_goes_before_the_opposite_one()
    {
        var back = Record(50) with { Source = "kvm2", Destination = "kvm1", Overhead = TimeSpan.FromSeconds(9) };

        var same = Find(back, Record(10, minute: 1))!;
        var opposite = Find(back)!;

        Assert.Equal((10 * MiB, 1, false), (same.BytesPerSecond, same.Count, same.IsOpposite));
        Assert.Equal(TimeSpan.FromSeconds(1), same.Overhead);
        Assert.Equal((50 * MiB, true), (opposite.BytesPerSecond, opposite.IsOpposite));
        Assert.Equal("1 migration from kvm2 to kvm1", opposite.Evidence);
        Assert.Equal(TimeSpan.FromSeconds(9), opposite.Overhead);
    }

    [Fact]
    public void As_many_connections_go_before_another_number()
    {
        var history = new BandwidthHistory([Record(10), Record(40, minute: 1) with { Connections = 4 }]);

        Assert.Equal(10 * MiB, history.Find(Kvm1, Kvm2)!.BytesPerSecond);
        Assert.Equal(40 * MiB, history.Find(Kvm1, Kvm2, 4)!.BytesPerSecond);
        Assert.Equal("1 migration over 4 connections from kvm1 to kvm2", history.Find(Kvm1, Kvm2, 8)!.Evidence);
    }

    [Fact]
    public void A_rate_that_was_held_down_is_a_lower_bound_where_nothing_else_is_known()
    {
        var held = Record(19, minute: 1) with { Limit = 20 * MiB };

        Assert.Equal((10 * MiB, false), Find(Record(10), held) is { } free ? (free.BytesPerSecond, free.IsLowerBound) : default);
        Assert.Equal((19 * MiB, true), Find(held) is { } bound ? (bound.BytesPerSecond, bound.IsLowerBound) : default);
        Assert.EndsWith("held down by -Bandwidth: the link can do more", Find(held)!.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_that_the_link_did_not_reach_held_nothing_down() =>
        Assert.False(Find(Record(10) with { Limit = 100 * MiB })!.IsLowerBound);

    [Fact]
    public void Memory_that_moved_for_less_than_a_second_tells_the_time_beside_only()
    {
        var history = new BandwidthHistory([Record(10) with { Duration = TimeSpan.FromSeconds(0.9) }]);

        Assert.Null(history.Find(Kvm1, Kvm2));
        Assert.Equal(TimeSpan.FromSeconds(1), history.FindOverhead(Kvm1, Kvm2));
    }

    [Fact]
    public void A_host_is_known_by_its_uuid_whatever_its_name_is_now()
    {
        var record = Record(10) with { SourceUuid = Kvm1.Uuid, DestinationUuid = Kvm2.Uuid };
        var history = new BandwidthHistory([record]);

        Assert.NotNull(history.Find(Kvm1 with { Name = "renamed" }, Kvm2));
        Assert.Null(history.Find(Kvm1 with { Uuid = Guid.NewGuid() }, Kvm2));
        Assert.NotNull(new BandwidthHistory([record with { SourceUuid = null }]).Find(Kvm1 with { Name = "KVM1" }, Kvm2));
    }

    [Fact]
    public void Migrations_that_end_at_once_are_all_kept()
    {
        var history = new BandwidthHistory();

        Parallel.For(0, 1000, i => history.Add(TestData.Result() with { Bandwidth = Record(10, minute: i) }));

        Assert.Equal(1000, history.Records.Count);
        Assert.Equal(history.Records.OrderBy(r => r.StartTime), history.Records);
    }

    private static AchievedBandwidth? Find(params VmMigrationBandwidth[] records) => new BandwidthHistory(records).Find(Kvm1, Kvm2);
}
