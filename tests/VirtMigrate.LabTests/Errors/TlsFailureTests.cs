using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees of encryption that is missing or does not fit.</summary>
public sealed class TlsFailureTests(LabFixture lab) : FailureTest(lab)
{
    private const string Force = "sed -i '$ a migrate_tls_force = 1' /etc/libvirt/qemu.conf";
    private const string Allow = "sed -i /migrate_tls_force/d /etc/libvirt/qemu.conf";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_host_that_takes_or_gives_encrypted_migrations_only(bool isSource)
    {
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(isSource ? Lab.Host1 : Lab.Host2, Force, Allow, restart: true);

        AssertFails(string.Empty, "TlsRequired", ErrorCategory.SecurityError, "only with VIR_MIGRATE_TLS flag", "-Tls");
    }

    [Fact]
    public async Task A_certificate_that_names_another_host()
    {
        await using var vm = await StartAsync();

        // Libvirt gives either end's word, whichever is there first: the source's of the name, or the destination's of the end.
        var result = AssertFails("-Tls -TlsDestination other", "TlsCertificateInvalid", ErrorCategory.SecurityError, string.Empty, "-TlsDestination");

        Assert.Matches("Certificate does not match the hostname other|Cannot read from TLS channel", result.All("Errors")[0].Text("Message"));
        Assert.Contains(result.All("Errors"), e => e.Text("Host") is "kvm2" && e.Text("Message") is "libvirt's event: stopped (failed)");
    }

    [Fact]
    public async Task A_host_without_certificates()
    {
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(Lab.Host2, "mv /etc/pki/qemu /etc/pki/away", "mv /etc/pki/away /etc/pki/qemu");

        AssertFails("-Tls", "TlsCredentialsMissing", ErrorCategory.ObjectNotFound, "Unable to access credentials", "ls -l /etc/pki/qemu");
    }

    [Fact]
    public async Task A_certificate_of_an_authority_that_the_host_does_not_know()
    {
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(Lab.Host2,
            "cd /etc/pki/qemu; cp ca-cert.pem ca-cert.away; certtool --generate-privkey --outfile other.key 2>/dev/null; " +
            "printf 'cn = other\\nca\\ncert_signing_key\\n' > other.cfg; " +
            "certtool --generate-self-signed --load-privkey other.key --template other.cfg --outfile ca-cert.pem 2>/dev/null",
            "cd /etc/pki/qemu; mv ca-cert.away ca-cert.pem\nrm /etc/pki/qemu/other.*");

        AssertFails("-Tls", "TlsCertificateInvalid", ErrorCategory.SecurityError, "hasn't got a known issuer", "openssl verify");
    }
}
