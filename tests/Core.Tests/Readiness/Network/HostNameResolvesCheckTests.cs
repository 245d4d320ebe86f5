using System.Net;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class HostNameResolvesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_name_that_the_source_finds_passes()
    {
        _scene.FromSource().Names["kvm2"] = [IPAddress.Parse("10.0.0.2")];

        await _scene.AssertAsync<HostNameResolvesCheck>(ReadinessStatus.Passed, "kvm1 resolves 'kvm2' to 10.0.0.2");
    }

    [Fact]
    public async Task A_name_that_the_source_does_not_find_fails_with_the_way_round_it()
    {
        _scene.FromSource();

        var check = await _scene.AssertAsync<HostNameResolvesCheck>(ReadinessStatus.Failed, "kvm1 can't resolve 'kvm2'");

        Assert.Equal("Unable to resolve address 'kvm2' service", check.LibvirtError);
        Assert.Contains("-MigrateUri tcp://<address of kvm2>", check.Recommendation, StringComparison.Ordinal);

        _scene.With(MigrationOptions.Parallel, 2L);
        check = await _scene.CheckAsync<HostNameResolvesCheck>();
        Assert.Equal("address resolution failed for kvm2", check.LibvirtError);
    }

    [Fact]
    public async Task What_only_this_computer_can_tell_is_not_verified()
    {
        await _scene.AssertAsync<HostNameResolvesCheck>(ReadinessStatus.NotVerified, "This computer can't resolve 'kvm2'");

        _scene.Resolving();
        var check = await _scene.AssertAsync<HostNameResolvesCheck>(ReadinessStatus.NotVerified, "This computer can resolve 'kvm2'");
        Assert.Contains("getent ahosts kvm2", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_needs_no_name()
    {
        _scene.With(MigrationOptions.MigrateUri, "tcp://[fd00::2]:49152");

        await _scene.AssertAsync<HostNameResolvesCheck>(ReadinessStatus.Passed, "Memory is sent to fd00::2, an address");
    }
}
