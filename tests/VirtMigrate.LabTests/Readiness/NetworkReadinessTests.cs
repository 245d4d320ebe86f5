using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What is foretold of names and of what guests are plugged into, and what libvirt then says.</summary>
public sealed class NetworkReadinessTests(LabFixture lab) : FailureTest(lab)
{
    private const string Bridge = "br-ready";

    /// <inheritdoc/>
    protected override string Categories => "-Category Network";

    [Fact]
    public async Task Networks_bridges_and_interfaces()
    {
        await using var here = await PlugAsync(Lab.Host1, mtu: 1400);
        await using var network = await DefineAsync(Lab.Host1);
        await Lab.VirshAsync(Lab.Host1, "net-start", "ready");
        await using var vm = await StartAsync($"""
            <interface type="network"><source network="ready"/></interface>
            <interface type="bridge"><source bridge="{Bridge}"/></interface>
            <interface type="direct"><source dev="mv-ready" mode="bridge"/></interface>
            """);

        AssertForetold("Bridges");
        AssertForetold("DirectInterfaces");
        AssertFails(string.Empty, "NetworkMissing", ErrorCategory.ObjectNotFound, "no network with matching name 'ready'", "net-dumpxml", check: "Networks");
        await using var defined = await DefineAsync(Lab.Host2);
        AssertFails(string.Empty, "NetworkInactive", ErrorCategory.InvalidOperation, "network 'ready' is not active", "net-start ready", check: "Networks");

        // Libvirt starts a network whose bridge is not there.
        await Lab.VirshAsync(Lab.Host2, "net-start", "ready");
        AssertPasses("Networks");
        AssertFails(string.Empty, "BridgeMissing", ErrorCategory.ObjectNotFound, $"Cannot get interface MTU on '{Bridge}'", "ip link", check: "Bridges");
        await using var bridge = await ChangeAsync(Lab.Host2, $"ip link add {Bridge} mtu 1400 type bridge; ip link set {Bridge} up", $"ip link del {Bridge}");
        AssertPasses("Bridges");
        AssertFails(string.Empty, "HostInterfaceMissing", ErrorCategory.ObjectNotFound, "Unable to get index for interface mv-ready", "ip -brief link", check: "DirectInterfaces");

        await using var direct = await ChangeAsync(Lab.Host2, "ip link add mv-ready mtu 1300 type veth peer name mv-peer; ip link set mv-ready up", "ip link del mv-ready");
        AssertPasses("DirectInterfaces");
        AssertPasses("NetworkMtu", status: "Warning");
        await Lab.RunAsync("exec", Lab.Host2.Name, "ip", "link", "set", "mv-ready", "mtu", "1400");
        AssertPasses("NetworkMtu");
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
    }

    [Fact]
    public async Task A_definition_that_tells_the_guest_another_frame_size()
    {
        await using var here = await PlugAsync(Lab.Host1, mtu: 1500);
        await using var there = await PlugAsync(Lab.Host2, mtu: 1500);
        await using var vm = await StartAsync($"""<interface type="bridge"><source bridge="{Bridge}"/><mtu size="1400"/></interface>""");
        Session.Set("xml", (await Lab.VirshAsync(Lab.Host1, "dumpxml", EmptyVm.Name, "--migratable")).Replace("1400", "1300", StringComparison.Ordinal));

        AssertFails("-DestinationXml $xml", "NetworkMtuMismatch", ErrorCategory.InvalidData, "Target network card MTU 1300 does not match source 1400", "mtu", check: "NetworkMtu");
    }

    [Fact]
    public async Task A_host_name_that_the_source_does_not_find()
    {
        Session.Set("kvm1", Lab.Host1.Ssh);
        await using var vm = await StartAsync();
        AssertPasses("HostNameResolves");
        await using var change = await ChangeAsync(Lab.Host1, "cp /etc/hosts /etc/hosts.away; sed -i /kvm2/d /etc/hosts", "mv /etc/hosts.away /etc/hosts");

        AssertFails(string.Empty, "DestinationNameUnresolvable", ErrorCategory.ConnectionError, "Unable to resolve address 'kvm2' service '49152'", "-MigrateUri", check: "HostNameResolves");
        AssertFails("-Parallel 2", "DestinationNameUnresolvable", ErrorCategory.ConnectionError, "address resolution failed for kvm2", "-MigrateUri", check: "HostNameResolves");

        Session.Set("uri", $"tcp://{Lab.Host2.Address}").Set("kvm1", Lab.Host1.Tcp);
        AssertPasses("HostNameResolves", "-MigrateUri $uri");
        AssertPasses("HostNameResolves", status: "NotVerified");
    }

    [Fact]
    public async Task Addresses_that_lead_nowhere()
    {
        Session.Set("kvm1", Lab.Host1.Ssh);
        await using var vm = await StartAsync();

        AssertFails("-MigrateUri tcp://192.0.2.1", "MigrationPortsBlocked", ErrorCategory.ConnectionError, "'192.0.2.1:49152': Network is unreachable", "firewall-cmd", check: "HostReachable");
        AssertFails("-MigrateUri http://kvm2", "MigrationUriInvalid", ErrorCategory.InvalidArgument, "unsupported scheme http", "tcp://", check: "MigrateUri");
        AssertFails("-ListenAddress 127.0.0.1", "MigrationPortsBlocked", ErrorCategory.ConnectionError, "Connection refused", "49152-49215", check: "ListenAddress");
        Session.Set("kvm2", Lab.Host2.Ssh);
        AssertFails("-ListenAddress 192.0.2.1", "ListenAddressInvalid", ErrorCategory.InvalidArgument, "Cannot assign requested address", "ip -brief address", check: "ListenAddress");
    }

    private Task<IAsyncDisposable> PlugAsync(LabHost host, int mtu) => ChangeAsync(host,
        $"ip link add {Bridge} mtu {mtu} type bridge; ip link set {Bridge} up; ip link add mv-ready mtu {mtu} type veth peer name mv-peer; ip link set mv-ready up",
        $"ip link del {Bridge}\nip link del mv-ready");

    private Task<IAsyncDisposable> DefineAsync(LabHost host) => ChangeAsync(host,
        $"echo \"<network><name>ready</name><forward mode='bridge'/><bridge name='{Bridge}'/></network>\" > /run/ready.xml; virsh -q net-define /run/ready.xml",
        "virsh -q net-destroy ready 2> /dev/null || true\nvirsh -q net-undefine ready\nrm /run/ready.xml");
}
