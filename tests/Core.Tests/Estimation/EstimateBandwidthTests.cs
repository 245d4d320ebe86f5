using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Options;
using VirtMigrate.Tests.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

/// <summary>Where an estimate takes the rate from at which memory crosses.</summary>
public sealed class EstimateBandwidthTests
{
    private const long MiB = 1024 * 1024;
    private const long Gigabit = 1_000_000_000;

    private readonly ReadinessScene _scene = new();

    public EstimateBandwidthTests()
    {
        _scene.Source.Interfaces = [new("eth0", 25 * Gigabit, 9000)];
        _scene.Destination.Interfaces = [new("eth0", 100 * Gigabit, 9000)];
    }

    [Fact]
    public async Task What_migrations_achieved_goes_before_what_the_links_are_made_for()
    {
        var way = await FindAsync(Record(40));

        Assert.Equal((40.0 * MiB, BandwidthSource.Achieved, "1 migration from kvm1 to kvm2"), (way.BytesPerSecond, way.Source, way.Evidence));
        Assert.Equal(1, way.Overhead);
    }

    [Fact]
    public async Task The_slower_link_counts_where_nothing_was_achieved_or_only_under_a_limit()
    {
        var way = await FindAsync();

        Assert.Equal((25e9 / 8, BandwidthSource.LinkSpeed), (way.BytesPerSecond, way.Source));
        Assert.Equal("kvm1: eth0, the fastest: 25 Gbit/s; kvm2: eth0, the fastest: 100 Gbit/s", way.Evidence);
        Assert.Equal(BandwidthSource.LinkSpeed, (await FindAsync(Record(40) with { Limit = 40 * MiB })).Source);
    }

    [Fact]
    public async Task A_rate_under_a_limit_is_better_than_nothing()
    {
        _scene.Destination.Interfaces = null;

        var way = await FindAsync(Record(40) with { Limit = 40 * MiB });

        Assert.Equal((40.0 * MiB, BandwidthSource.Achieved), (way.BytesPerSecond, way.Source));
        Assert.EndsWith("the link can do more", way.Evidence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, 8, 3)]
    [InlineData(8, 2, 2)]
    [InlineData(1, 8, 1)]
    public async Task A_connection_for_every_10_gbit_but_no_more_than_processors(int from, int to, int expected)
    {
        _scene.Source = new(_scene.Source.Host with { CpuCount = from }) { Interfaces = _scene.Source.Interfaces };
        _scene.Destination = new(_scene.Destination.Host with { CpuCount = to }) { Interfaces = _scene.Destination.Interfaces };

        Assert.Equal(expected, (await FindAsync()).Connections);
    }

    [Fact]
    public async Task Without_anything_else_the_rate_is_the_one_given()
    {
        _scene.Destination.Interfaces = null;
        _scene.With(MigrationOptions.Bandwidth, 30 * MiB);

        Assert.Equal((30.0 * MiB, BandwidthSource.Given), await FindAsync() is var way ? (way.BytesPerSecond, way.Source) : default);
    }

    [Fact]
    public async Task Without_anything_at_all_a_user_is_told_what_to_give()
    {
        _scene.Destination.Interfaces = null;

        var record = ErrorRecordFactory.Create(await Assert.ThrowsAsync<MigrationException>(() => FindAsync()), _scene.Vm);

        Assert.Equal(("BandwidthUnknown", ErrorCategory.ObjectNotFound, _scene.Vm), (record.FullyQualifiedErrorId, record.CategoryInfo.Category, record.TargetObject));
        Assert.Equal(
            "VM 'db': The bandwidth from 'kvm1' to 'kvm2' is unknown: no migration between them has been seen, and they do not both report the speed of their links.",
            record.ToString());
        Assert.Contains("-Bandwidth 1GB", record.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-History (Get-VmMigrationBandwidth)", record.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    private Task<EstimateBandwidth> FindAsync(params VmMigrationBandwidth[] records) => EstimateBandwidth.FindAsync(
        _scene.ToContext(), _scene.Options, (_scene.Source.Host, _scene.Destination.Host), new(records), TestContext.Current.CancellationToken);

    private static VmMigrationBandwidth Record(long rate) => BandwidthHistoryTests.Record(rate);
}
