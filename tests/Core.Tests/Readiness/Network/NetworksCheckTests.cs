using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class NetworksCheckTests
{
    private readonly ReadinessScene _scene = new()
    {
        Definition = "<interface type='network'><source network='front'/></interface><interface type='network'><source network='back'/></interface>",
    };

    [Fact]
    public async Task Networks_that_are_there_and_started_pass()
    {
        _scene.Destination.Networks = [new("front", true, "virbr1", null), new("back", true, "virbr2", null)];

        var check = await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.Passed, "kvm2 has 'front', 'back'");

        Assert.Contains(check.Evidence, e => e.ToString() is "kvm2, networks: front, back");
    }

    [Fact]
    public async Task Networks_that_are_missing_are_named_together()
    {
        _scene.Destination.Networks = [];

        var check = await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.Failed, "kvm2 has no virtual network 'front', 'back'.");

        Assert.Equal("no network with matching name 'front'", check.LibvirtError);
        Assert.Contains("net-dumpxml front > net.xml && virsh -c qemu+tcp://kvm2/system net-define", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_network_that_is_not_started_fails_and_for_a_vm_that_is_off_warns()
    {
        _scene.Destination.Networks = [new("front", true, null, null), new("back", false, null, null)];
        var check = await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.Failed, "'back' is not active");
        Assert.Equal("network 'back' is not active", check.LibvirtError);

        var definition = _scene.Source.Definitions[_scene.Vm.Uuid];
        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);
        _scene.Definition = definition;
        await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.Warning, "the VM can't start there");
    }

    [Fact]
    public async Task The_definition_for_the_destination_decides()
    {
        _scene.Destination.Networks = [new("other", true, null, null)];
        _scene.With(MigrationOptions.DestinationXml, new MigrationXml(
            "<domain><devices><interface type='network'><source network='other'/></interface></devices></domain>"));

        var check = await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.Passed, "'other'");

        Assert.Contains(check.Evidence, e => e.What is "-DestinationXml");
    }

    [Fact]
    public async Task What_a_network_came_to_at_the_source_does_not_matter()
    {
        _scene.Definition = "<interface type='bridge'><source network='front' portid='1' bridge='br0'/></interface>";
        _scene.Destination.Networks = [];

        await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.Failed, "kvm2 has no virtual network 'front'");
    }

    [Fact]
    public async Task A_guest_without_networks_has_nothing_to_check()
    {
        _scene.Definition = "<interface type='bridge'><source bridge='br0'/></interface>";

        await _scene.AssertAsync<NetworksCheck>(ReadinessStatus.NotApplicable, "not attached to any virtual network");
    }
}
