using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose VM is plugged into something that the destination lacks.</summary>
public sealed class NetworkFailureTests(LabFixture lab) : FailureTest(lab)
{
    private const string Bridge = "br-only1";

    [Fact]
    public async Task A_network_that_the_destination_lacks_and_one_that_is_not_started()
    {
        await using var bridge = await MakeBridgeAsync();
        await using var here = await DefineAsync(Lab.Host1);
        await Lab.VirshAsync(Lab.Host1, "net-start", "only1");
        await using var vm = await StartAsync("""<interface type="network"><source network="only1"/></interface>""");

        AssertFails(string.Empty, "NetworkMissing", ErrorCategory.ObjectNotFound, "no network with matching name 'only1'", "net-dumpxml only1 > net.xml");
        await using var there = await DefineAsync(Lab.Host2);
        AssertFails(string.Empty, "NetworkInactive", ErrorCategory.InvalidOperation, "network 'only1' is not active", "net-start only1");
    }

    [Fact]
    public async Task A_bridge_that_the_destination_lacks()
    {
        await using var bridge = await MakeBridgeAsync();
        await using var vm = await StartAsync($"""<interface type="bridge"><source bridge="{Bridge}"/></interface>""");

        AssertFails(string.Empty, "BridgeMissing", ErrorCategory.ObjectNotFound, $"Cannot get interface MTU on '{Bridge}'", "ip link show type bridge");
    }

    [Fact]
    public async Task An_interface_that_the_destination_lacks()
    {
        await using var change = await ChangeAsync(Lab.Host1, "ip link add only1 type veth peer name only1-peer; ip link set only1 up", "ip link del only1");
        await using var vm = await StartAsync("""<interface type="direct"><source dev="only1" mode="bridge"/></interface>""");

        AssertFails(string.Empty, "HostInterfaceMissing", ErrorCategory.ObjectNotFound, "Unable to get index for interface only1", "ip -brief link");
    }

    private Task<IAsyncDisposable> MakeBridgeAsync() =>
        ChangeAsync(Lab.Host1, $"ip link add {Bridge} type bridge; ip link set {Bridge} up", $"ip link del {Bridge}");

    private Task<IAsyncDisposable> DefineAsync(LabHost host) => ChangeAsync(host,
        $"echo \"<network><name>only1</name><forward mode='bridge'/><bridge name='{Bridge}'/></network>\" > /run/only1.xml; virsh -q net-define /run/only1.xml",
        "virsh -q net-destroy only1 2> /dev/null || true\nvirsh -q net-undefine only1\nrm /run/only1.xml");
}
