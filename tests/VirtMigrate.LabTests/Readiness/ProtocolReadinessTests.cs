using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What is foretold of daemons, their connections and certificates, and what libvirt then says.</summary>
public sealed class ProtocolReadinessTests(LabFixture lab) : FailureTest(lab)
{
    /// <inheritdoc/>
    protected override string Categories => "-Category Protocol, Ports";

    [Fact]
    public async Task Encryption_that_is_asked_for_or_does_not_fit()
    {
        Session.Set("kvm1", Lab.Host1.Ssh).Set("kvm2", Lab.Host2.Ssh);
        await using var vm = await StartAsync();
        AssertPasses("TlsForced");
        AssertPasses("TlsCertificates", "-Tls");

        // Libvirt gives either end's word: the source's of the name, or the destination's of the end.
        var foretold = AssertForetold("TlsCertificates", "-Tls -TlsDestination other");
        var failed = AssertFails("-Tls -TlsDestination other", "TlsCertificateInvalid", ErrorCategory.SecurityError, string.Empty, "-TlsDestination");
        Assert.Matches($"{foretold.Text("LibvirtError")}|Cannot read from TLS channel", failed.All("Errors")[0].Text("Message"));

        await using (await ChangeAsync(Lab.Host2, "mv /etc/pki/qemu/server-cert.pem /etc/pki/away", "mv /etc/pki/away /etc/pki/qemu/server-cert.pem"))
        {
            AssertFails("-Tls", "TlsCredentialsMissing", ErrorCategory.ObjectNotFound, "Unable to access credentials", "ls -l /etc/pki/qemu", check: "TlsCertificates");
        }

        await using (await ChangeAsync(Lab.Host2, "sed -i '$ a migrate_tls_force = 1' /etc/libvirt/qemu.conf", "sed -i /migrate_tls_force/d /etc/libvirt/qemu.conf", restart: true))
        {
            AssertFails(string.Empty, "TlsRequired", ErrorCategory.SecurityError, "only with VIR_MIGRATE_TLS flag", "-Tls", check: "TlsForced");
        }
    }

    [Fact]
    public async Task A_source_that_may_not_connect_to_the_destination()
    {
        Session.Set("kvm1", Lab.Host1.Ssh);
        await using var vm = await StartAsync();
        AssertPasses("PeerToPeerConnection", "-PeerToPeer");
        AssertPasses("ControlPort", "-PeerToPeer");
        await using (await FirewallAsync($"ip saddr {Lab.Host1.Address} tcp dport 16509 reject"))
        {
            AssertForetold("PeerToPeerConnection", "-PeerToPeer");
            AssertFails("-PeerToPeer", "SourceCannotConnect", ErrorCategory.ConnectionError, "16509': Connection refused", "-PeerToPeer:$false", check: "ControlPort");
        }
    }

    [Fact]
    public async Task A_daemon_that_is_down()
    {
        await using var vm = await StartAsync();
        await using (await Lab.KillDaemonAsync(Lab.Host2))
        {
            var foretold = AssertForetold("DaemonAnswers");
            AssertForetold("ControlPort");
            var run = Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -SkipCheck All");
            Assert.Contains(foretold.Text("LibvirtError"), Assert.Single(run.Errors).ToString(), StringComparison.Ordinal);
        }

        AssertPasses("DaemonAnswers");
    }

    [Fact]
    public async Task A_certificate_of_the_daemon_for_another_name()
    {
        await using var vm = await StartAsync();
        await using var listening = await ChangeAsync(Lab.Host2,
            "sed -i 's/^listen_addr/#&/' /etc/libvirt/libvirtd.conf", "sed -i 's/^#listen_addr/listen_addr/' /etc/libvirt/libvirtd.conf", restart: true);
        await using var address = await ExtraAddress.AddAsync(Lab.Host2);
        Session.Set("kvm2", $"qemu+tls://{address.Text}/system?pkipath={Lab.Pki}");

        var foretold = AssertForetold("DaemonAnswers");

        Assert.Contains("is for another name", foretold.Text("Message"), StringComparison.Ordinal);
        var run = Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -SkipCheck All");
        Assert.Contains(foretold.Text("LibvirtError"), Assert.Single(run.Errors).ToString(), StringComparison.Ordinal);
        Session.Set("kvm2", Lab.Host2.Tls);
        AssertPasses("DaemonAnswers");
    }
}
