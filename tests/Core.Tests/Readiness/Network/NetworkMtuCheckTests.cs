using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class NetworkMtuCheckTests
{
    private readonly ReadinessScene _scene = new() { Definition = "<interface type='bridge'><source bridge='br0'/></interface>" };

    [Fact]
    public async Task The_same_size_on_both_ends_passes_and_a_smaller_one_warns()
    {
        _scene.Source.Interfaces = [new("br0", null, 9000)];
        _scene.Destination.Interfaces = [new("br0", null, 9000)];
        await _scene.AssertAsync<NetworkMtuCheck>(ReadinessStatus.Passed, "no smaller than on the source: br0 9000");

        _scene.Destination.Interfaces = [new("br0", null, 1500)];
        var check = await _scene.AssertAsync<NetworkMtuCheck>(ReadinessStatus.Warning, "'br0' on kvm2 has an MTU of 1500 bytes, on the source 9000");
        Assert.Contains("ip link set br0 mtu 9000", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_that_is_not_told_is_not_verified()
    {
        _scene.Source.Interfaces = [new("br0", null, null)];
        _scene.Destination.Interfaces = [new("br0", null, 1500)];

        await _scene.AssertAsync<NetworkMtuCheck>(ReadinessStatus.NotVerified, "not both hosts report them");
    }

    [Fact]
    public async Task A_definition_that_tells_the_guest_another_size_is_refused()
    {
        _scene.With(MigrationOptions.DestinationXml, new MigrationXml(
            "<domain><devices><interface type='bridge'><source bridge='br0'/><mtu size='1400'/></interface></devices></domain>"));

        var check = await _scene.AssertAsync<NetworkMtuCheck>(ReadinessStatus.Failed, "gives the guest an MTU of 1400 bytes; it now has 0");

        Assert.Equal("Target network card MTU 1400 does not match source 0", check.LibvirtError);
    }
}
