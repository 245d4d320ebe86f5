using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose hosts don't reach each other.</summary>
public sealed class ConnectionFailureTests(LabFixture lab) : FailureTest(lab)
{
    [Fact]
    public async Task An_address_that_does_not_lead_to_the_destination()
    {
        await using var vm = await StartAsync();

        AssertFails("-MigrateUri tcp://no-such-host.invalid", "DestinationNameUnresolvable", ErrorCategory.ConnectionError,
            "Unable to resolve address 'no-such-host.invalid'", "/etc/hosts");
        AssertFails("-MigrateUri tcp://no-such-host.invalid -Parallel 2", "DestinationNameUnresolvable", ErrorCategory.ConnectionError,
            "address resolution failed for no-such-host.invalid", "-MigrateUri");
        AssertFails("-MigrateUri tcp://192.0.2.1", "MigrationPortsBlocked", ErrorCategory.ConnectionError,
            "'192.0.2.1:49152': Network is unreachable", "firewall-cmd");
        AssertFails("-MigrateUri tcp://192.0.2.1 -Parallel 2", "MigrationPortsBlocked", ErrorCategory.ConnectionError,
            "'192.0.2.1:49152': Network is unreachable", "firewall-cmd");

        // An address of the hosts' own network that nobody has.
        AssertFails($"-MigrateUri tcp://{Lab.Host2.Address}9", "MigrationPortsBlocked", ErrorCategory.ConnectionError,
            $"unable to connect to server at '{Lab.Host2.Address}9:49152': No route to host", "firewall-cmd");
    }

    [Fact]
    public async Task Ports_that_the_source_can_t_reach()
    {
        await using var vm = await StartAsync();

        var result = AssertFails("-ListenAddress 127.0.0.1", "MigrationPortsBlocked", ErrorCategory.ConnectionError,
            "unable to connect to server at 'kvm2:49152': Connection refused", "49152-49215");

        Assert.Equal("Source", result.All("Errors")[0].Text("End"));
        Assert.Equal("kvm1", result.All("Errors")[0].Text("Host"));
        Assert.Equal(38, result.All("Errors")[0].Number("Code"));
    }

    [Fact]
    public async Task A_port_or_an_address_that_the_destination_can_t_listen_on()
    {
        await using var vm = await StartAsync();
        Session.Set("taken", $"tcp://{Lab.Host2.Address}:16514").Set("address", Lab.Host2.Address);

        var result = AssertFails("-MigrateUri $taken -ListenAddress $address", "MigrationPortTaken", ErrorCategory.ResourceBusy,
            "Address already in use", "ss -ltnp", canRetry: true, check: "MigrationPort");
        AssertFails("-ListenAddress 192.0.2.1", "ListenAddressInvalid", ErrorCategory.InvalidArgument,
            "Cannot assign requested address", "ip -brief address");

        Assert.Equal("Destination", result.All("Errors")[0].Text("End"));
    }

    [Fact]
    public async Task A_range_of_ports_that_are_all_taken()
    {
        await using var vm = await StartAsync();

        // Libvirt takes no range of a single port.
        await using var change = await ChangeAsync(Lab.Host2,
            "for port in 49152 49153; do nc -dlk 0.0.0.0 $port > /dev/null 2>&1 < /dev/null & echo $! >> /run/listeners; done; " +
            "printf 'migration_port_min = 49152\\nmigration_port_max = 49153\\n' >> /etc/libvirt/qemu.conf",
            "kill $(cat /run/listeners)\nrm /run/listeners\nsed -i /migration_port_/d /etc/libvirt/qemu.conf", restart: true);

        AssertFails(string.Empty, "MigrationPortTaken", ErrorCategory.ResourceBusy, "Unable to find an unused port in range", "-ThrottleLimit", canRetry: true);
    }

    [Fact]
    public async Task A_uri_that_libvirt_does_not_take()
    {
        await using var vm = await StartAsync();

        AssertFails("-MigrateUri http://kvm2", "MigrationUriInvalid", ErrorCategory.InvalidArgument, "unsupported scheme http", "tcp://<address of kvm2>");
    }

    [Fact]
    public async Task A_destination_that_calls_itself_localhost()
    {
        await using var vm = await StartAsync();
        Session.Run("$null = Connect-VmHost $kvm2").AssertNoErrors();
        await using var change = await ChangeAsync(Lab.Host2, "hostname localhost", "hostname kvm2");

        AssertFails(string.Empty, "DestinationNameIsLocalhost", ErrorCategory.InvalidData, "resolved to localhost", "hostnamectl");
    }

    [Fact]
    public async Task A_source_that_may_not_connect_to_the_destination()
    {
        await using var vm = await StartAsync();
        await using var password = await Lab.AskForPasswordAsync(Lab.Host2);
        Session.Set("secret", new System.Net.NetworkCredential(string.Empty, "lab-password").SecurePassword)
            .Run("$null = Connect-VmHost $kvm2 -Credential ([pscredential]::new('lab', $secret))").AssertNoErrors();

        var result = AssertFails("-PeerToPeer", "SourceCannotConnect", ErrorCategory.ConnectionError,
            "authentication failed", "-PeerToPeer:$false");
        Assert.Equal("Source", result.All("Errors")[0].Text("End"));
    }

    [Fact]
    public async Task A_source_that_knows_neither_the_key_nor_the_authority_of_the_destination()
    {
        var keys = Path.Combine(Path.GetDirectoryName(Lab.Pki)!, "ssh", "known_hosts");
        await using var vm = await StartAsync();
        Session.Set("kvm2", Lab.Host2.Ssh);
        await using (await ChangeAsync(Lab.Host1, $"mount --bind /dev/null {keys}", $"umount {keys}"))
        {
            AssertFails("-PeerToPeer", "SourceCannotConnect", ErrorCategory.ConnectionError, "Host key verification failed", "-PeerToPeer:$false");
        }

        Session.Set("kvm2", Lab.Host2.Tls);
        await using var hidden = await ChangeAsync(Lab.Host1, $"mount -t tmpfs none {Lab.Pki}", $"umount {Lab.Pki}");
        AssertFails("-PeerToPeer", "SourceCannotConnect", ErrorCategory.ConnectionError,
            $"Cannot read CA certificate '{Lab.Pki}/cacert.pem'", "as root on 'kvm1': virsh -c");
    }
}
