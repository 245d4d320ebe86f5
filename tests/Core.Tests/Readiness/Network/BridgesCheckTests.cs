using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class BridgesCheckTests
{
    private readonly ReadinessScene _scene = new() { Definition = "<interface type='bridge'><source bridge='br0'/></interface>" };

    [Fact]
    public async Task A_bridge_that_is_there_passes_and_one_that_is_not_fails()
    {
        _scene.Destination.Interfaces = [new("br0", null, 1500), new("eth0", null, 1500)];
        await _scene.AssertAsync<BridgesCheck>(ReadinessStatus.Passed, "kvm2 has 'br0'");

        _scene.Destination.Interfaces = [new("eth0", null, 1500)];
        var check = await _scene.AssertAsync<BridgesCheck>(ReadinessStatus.Failed, "kvm2 has no bridge 'br0'");
        Assert.Equal("Cannot get interface MTU on 'br0'", check.LibvirtError);
        Assert.Contains("ip link add br0 type bridge", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains(check.Evidence, e => e.ToString() is "kvm2, interfaces: no br0");
    }

    [Fact]
    public async Task The_bridge_of_a_virtual_network_must_be_there_too()
    {
        _scene.Definition = "<interface type='network'><source network='lan'/></interface>";
        _scene.Destination.Networks = [new("lan", true, "br9", null)];
        _scene.Destination.Interfaces = [new("eth0", null, 1500)];

        await _scene.AssertAsync<BridgesCheck>(ReadinessStatus.Failed, "no bridge 'br9'");
    }

    [Fact]
    public async Task The_kernel_s_own_list_tells_bridges_from_other_interfaces()
    {
        _scene.AddDestinationShell().Answering("/sys/class/net", "lo 65536 -1 plain\nbr0 1500 1000 plain\n");

        var check = await _scene.AssertAsync<BridgesCheck>(ReadinessStatus.Failed, "'br0' on kvm2 is an interface, not a bridge");

        Assert.Equal("Unable to add bridge br0", check.LibvirtError);
    }

    [Fact]
    public async Task An_open_virtual_switch_is_no_bridge_of_the_kernel_s()
    {
        _scene.Definition = "<interface type='bridge'><source bridge='br0'/><virtualport type='openvswitch'/></interface>";
        _scene.AddDestinationShell().Answering("/sys/class/net", "br0 1500 1000 plain\n");

        await _scene.AssertAsync<BridgesCheck>(ReadinessStatus.Passed, "'br0'");
    }

    [Fact]
    public async Task Where_interfaces_are_not_told_nothing_is_said()
    {
        _scene.Destination.Interfaces = [];

        var e = await Assert.ThrowsAsync<VirtMigrate.Hosts.HypervisorException>(_scene.CheckAsync<BridgesCheck>);
        Assert.Equal("'kvm2' lists no network interfaces.", e.Message);
    }
}
