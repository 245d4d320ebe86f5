using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Bandwidth;

public sealed class ConnectionsCheckTests
{
    private const long Gigabit = 1_000_000_000;

    private readonly ReadinessScene _scene = new();

    public ConnectionsCheckTests()
    {
        _scene.Source.Interfaces = [new("eth0", 40 * Gigabit, 9000), new("eth1", Gigabit, 1500)];
        _scene.Destination.Interfaces = [new("eth0", 100 * Gigabit, 9000)];
    }

    [Fact]
    public async Task One_for_every_10_gbit_of_the_slower_link_is_enough()
    {
        _scene.With(MigrationOptions.Parallel, 4L);
        await _scene.AssertAsync<ConnectionsCheck>(ReadinessStatus.Passed, "4 connections can fill 40 Gbit/s");

        _scene.With(MigrationOptions.Parallel, 3L);
        var check = await _scene.AssertAsync<ConnectionsCheck>(ReadinessStatus.Warning, "3 connections can't fill 40 Gbit/s");
        Assert.Equal("Use more connections: -Parallel 4", check.Recommendation);
        Assert.Contains(check.Evidence, e => e.ToString() is "kvm1, link speed: eth0, the fastest: 40 Gbit/s");
    }

    [Fact]
    public async Task A_limit_on_the_rate_needs_no_more_than_fills_it()
    {
        _scene.With(MigrationOptions.Bandwidth, Gigabit);

        await _scene.AssertAsync<ConnectionsCheck>(ReadinessStatus.Passed, "1 connection can fill 8 Gbit/s");
    }

    [Fact]
    public async Task Links_that_are_not_told_are_not_verified()
    {
        _scene.Destination.Interfaces = null;

        await _scene.AssertAsync<ConnectionsCheck>(ReadinessStatus.NotVerified, "the hosts don't report its speed");
    }
}
