using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What is foretold of ports, and what libvirt then says.</summary>
public sealed class PortReadinessTests(LabFixture lab) : FailureTest(lab)
{
    private const string Range = "tcp dport 49152-49215";
    private const string NotConnected = "unable to connect to server at 'kvm2:49152'";

    /// <inheritdoc/>
    protected override string Categories => "-Category Ports, Network";

    [Fact]
    public async Task A_firewall_that_drops()
    {
        await using var vm = await StartAsync();
        AssertPasses("MigrationPort");
        AssertPasses("MigrationPorts");
        AssertPasses("HostReachable");

        // Else libvirt learns of the silence after two minutes.
        await using var patience = await ChangeAsync(Lab.Host1, "echo 1 > /proc/sys/net/ipv4/tcp_syn_retries", "echo 6 > /proc/sys/net/ipv4/tcp_syn_retries");
        await using var firewall = await FirewallAsync($"{Range} drop");

        AssertForetold("MigrationPorts");
        AssertFails(string.Empty, "MigrationPortsBlocked", ErrorCategory.ConnectionError, $"{NotConnected}: Connection timed out", "firewall-cmd", check: "MigrationPort");
    }

    [Fact]
    public async Task Firewalls_that_reject()
    {
        await using var vm = await StartAsync();
        foreach (var (rule, error) in new[]
        {
            ("reject", "Connection refused"), ("reject with icmp type host-prohibited", "No route to host"),
            ("reject with icmp type admin-prohibited", "No route to host"), ("reject with icmp type host-unreachable", "No route to host"),
        })
        {
            await using var firewall = await FirewallAsync($"{Range} {rule}");

            AssertForetold("MigrationPorts");
            AssertFails(string.Empty, "MigrationPortsBlocked", ErrorCategory.ConnectionError, $"{NotConnected}: {error}", "firewall-cmd", check: "MigrationPort");
        }
    }

    [Fact]
    public async Task Over_ssh_the_source_looks_itself_and_tells_even_a_firewall_that_resets()
    {
        Session.Set("kvm1", Lab.Host1.Ssh).Set("kvm2", Lab.Host2.Ssh);
        await using var vm = await StartAsync();
        Assert.Contains("From 10.77.", AssertPasses("MigrationPort").Text("Message"), StringComparison.Ordinal);
        Assert.Contains(AssertPasses("MigrationPorts").All("Evidence"), e => e.Text("Value").StartsWith("reached from 10.77.", StringComparison.Ordinal));

        // The source alone is kept out: this computer would see nothing.
        await using (await FirewallAsync($"ip saddr {Lab.Host1.Address} {Range} reject"))
        {
            Assert.Contains("a firewall rejects", AssertForetold("MigrationPorts").Text("Message"), StringComparison.Ordinal);
            AssertFails(string.Empty, "MigrationPortsBlocked", ErrorCategory.ConnectionError, $"{NotConnected}: Connection refused", "firewall-cmd", check: "MigrationPort");
        }

        await using (await FirewallAsync($"ip saddr {Lab.Host1.Address} {Range} reject with tcp reset"))
        {
            AssertFails(string.Empty, "MigrationPortsBlocked", ErrorCategory.ConnectionError, $"{NotConnected}: Connection refused", "firewall-cmd", check: "MigrationPorts");
        }
    }

    [Fact]
    public async Task Ports_that_are_taken()
    {
        await using var vm = await StartAsync();
        Session.Set("fixed", $"tcp://{Lab.Host2.Address}:49160");
        await using (await ListenAsync("49152..49215"))
        {
            AssertFails(string.Empty, "MigrationPortTaken", ErrorCategory.ResourceBusy, "Unable to find an unused port in range 'migration' (49152-49215)",
                "ss -ltnp", canRetry: true, check: "MigrationPorts");
        }

        // One listener in the range is no matter, unless its port is asked for.
        await using (await ListenAsync("49160..49160"))
        {
            AssertPasses("MigrationPorts");
            AssertForetold("MigrationPort", "-MigrateUri $fixed");
        }

        AssertPasses("MigrationPort", "-MigrateUri $fixed");
    }

    [Fact]
    public async Task A_firewall_that_lets_the_first_ports_through_stops_nobody()
    {
        await using var vm = await StartAsync();
        await using var firewall = await FirewallAsync("tcp dport 49160-49215 drop");

        AssertPasses("MigrationPort", status: "Warning");
        AssertPasses("MigrationPorts", status: "Warning");

        var result = Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single;
        Assert.Equal("Completed", result.Text("Outcome"));
    }

    // What a check has listen for a moment may still be there.
    private Task<IAsyncDisposable> ListenAsync(string ports) => ChangeAsync(Lab.Host2,
        "rm -f /run/listener.ready; " +
        "perl -MIO::Socket::INET -e 'sub listen_on { for (1..20) { my $s = IO::Socket::INET->new(Listen => 1, ReuseAddr => 1, LocalPort => $_[0]); return $s if $s; sleep 1 } die } " +
        $"@s = map {{ listen_on($_) }} {ports}; open F, q(>), q(/run/listener.ready); sleep 300' >/dev/null 2>&1 & echo $! > /run/listener.pid; " +
        "for i in $(seq 200); do [ -e /run/listener.ready ] && break; sleep 0.1; done",
        "kill $(cat /run/listener.pid)\nrm /run/listener.pid");
}
