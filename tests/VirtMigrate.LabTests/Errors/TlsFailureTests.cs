using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees of encryption that is missing or does not fit.</summary>
public sealed class TlsFailureTests(LabFixture lab) : FailureTest(lab)
{
    private const string Force = "sed -i '$ a migrate_tls_force = 1' /etc/libvirt/qemu.conf";
    private const string Allow = "sed -i /migrate_tls_force/d /etc/libvirt/qemu.conf";

    [Fact]
    public async Task A_host_that_takes_encrypted_migrations_only()
    {
        await using var vm = await StartAsync();
        await using var change = await ChangeAsync(Lab.Host2, Force, Allow, restart: true);

        AssertFails(string.Empty, "TlsRequired", ErrorCategory.SecurityError, "only with VIR_MIGRATE_TLS flag", "-Tls");
    }

    [Fact]
    public async Task A_certificate_that_names_another_host()
    {
        await using var vm = await StartAsync();

        var result = AssertFails("-Tls -TlsDestination other", "TlsCertificateInvalid", ErrorCategory.SecurityError,
            "Certificate does not match the hostname other", "-TlsDestination");

        // The destination's half has no words of its own for the client, but it goes visibly.
        Assert.Equal("Source", Errors(result)[0].Text("End"));
        Assert.Contains(Errors(result), e =>
            e.Text("Message").StartsWith("libvirt's event: stopped", StringComparison.Ordinal) && e.Text("Host").Equals("kvm2", StringComparison.Ordinal));
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
            "cd /etc/pki/qemu; mv ca-cert.away ca-cert.pem; rm other.*");

        AssertFails("-Tls", "TlsCertificateInvalid", ErrorCategory.SecurityError, "hasn't got a known issuer", "openssl verify");
    }
}
