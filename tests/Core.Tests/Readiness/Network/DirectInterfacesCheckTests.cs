using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class DirectInterfacesCheckTests
{
    private readonly ReadinessScene _scene = new() { Definition = "<interface type='direct'><source dev='eth7' mode='bridge'/></interface>" };

    [Fact]
    public async Task An_interface_that_is_there_passes_and_one_that_is_not_fails()
    {
        _scene.Destination.Interfaces = [new("eth7", null, 1500)];
        await _scene.AssertAsync<DirectInterfacesCheck>(ReadinessStatus.Passed, "kvm2 has 'eth7'");

        _scene.Destination.Interfaces = [new("eth0", null, 1500)];
        var check = await _scene.AssertAsync<DirectInterfacesCheck>(ReadinessStatus.Failed, "kvm2 has no interface 'eth7'");
        Assert.Equal("Unable to get index for interface eth7", check.LibvirtError);
        Assert.Contains("ip -brief link", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_without_such_has_nothing_to_check()
    {
        _scene.Definition = string.Empty;

        await _scene.AssertAsync<DirectInterfacesCheck>(ReadinessStatus.NotApplicable, "not directly connected to any host interface");
    }
}
