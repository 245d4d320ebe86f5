using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Protocol;

public sealed class TlsCertificatesCheckTests : IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly ReadinessScene _scene = new ReadinessScene().With(MigrationOptions.Tls, true);
    private readonly X509Certificate2 _authority;

    public TlsCertificatesCheckTests() => _authority = Authority();

    public void Dispose()
    {
        _key.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task Certificates_that_fit_pass()
    {
        Give(Certificate("kvm2", 30));

        var check = await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Passed, "The certificate of kvm2 is for 'kvm2'");

        Assert.Contains(check.Evidence, e => e.ToString().StartsWith("kvm2, /etc/pki/qemu: certificate for kvm2, 10.0.0.2, until 20", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_name_fails_unless_it_is_said()
    {
        Give(Certificate("node2.example", 30));
        var check = await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Failed, "is for node2.example, 10.0.0.2, not for 'kvm2'");
        Assert.Equal("Certificate does not match the hostname kvm2", check.LibvirtError);
        Assert.Contains("-TlsDestination", check.Recommendation, StringComparison.Ordinal);

        _scene.With(MigrationOptions.TlsDestination, "node2.example");
        await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Passed, "for 'node2.example'");

        _scene.With(MigrationOptions.TlsDestination, "10.0.0.2");
        await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Passed, "for '10.0.0.2'");
    }

    [Fact]
    public async Task A_certificate_that_has_ended_fails()
    {
        Give(Certificate("kvm2", -1));

        var check = await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Failed, "The certificate of kvm2 in /etc/pki/qemu expired on");

        Assert.Equal("has expired", check.LibvirtError);
    }

    [Fact]
    public async Task An_authority_that_the_other_does_not_know_fails()
    {
        using var other = Authority();
        Give(Certificate("kvm2", 30), other);

        var check = await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Failed, "a CA that kvm1 does not know");

        Assert.Equal("hasn't got a known issuer", check.LibvirtError);
    }

    [Fact]
    public async Task Files_that_are_missing_fail()
    {
        _scene.AddSourceShell().Answering("cat /etc", "").Answering("authority", Answer(_authority, null));
        _scene.AddDestinationShell().Answering("cat /etc", "migrate_tls_x509_cert_dir = \"/srv/tls\"\n").Answering("authority", "missing server-cert.pem\nauthority\nown\nend\n");

        var check = await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.Failed, "kvm2 has no server-cert.pem in /srv/tls");

        Assert.Equal("Unable to access credentials", check.LibvirtError);
        Assert.Contains("ls -l /srv/tls", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_can_t_be_read_is_not_verified()
    {
        var check = await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.NotVerified, "The certificates of kvm1 and kvm2 can't be read");
        Assert.Contains("openssl verify", check.Recommendation, StringComparison.Ordinal);

        Give(Certificate("kvm2", 30));
        _scene.DestinationShell = new KnownShell().Answering("cat /etc", "").Answering("authority", "hidden server-key.pem\nauthority\nown\nend\n");
        await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.NotVerified, "The certificates of kvm2 can't be read");
    }

    [Fact]
    public async Task Without_tls_nothing_is_to_be_checked()
    {
        _scene.With(MigrationOptions.Tls, false);

        await _scene.AssertAsync<TlsCertificatesCheck>(ReadinessStatus.NotApplicable, "not encrypted");
    }

    private static string Answer(X509Certificate2 authority, X509Certificate2? own) =>
        $"authority\n{authority.ExportCertificatePem()}\nown\n{own?.ExportCertificatePem()}\nend\n";

    private void Give(X509Certificate2 certificate, X509Certificate2? known = null)
    {
        _scene.AddSourceShell().Answering("cat /etc", "").Answering("authority", Answer(known ?? _authority, null));
        _scene.AddDestinationShell().Answering("cat /etc", "").Answering("authority", Answer(_authority, certificate));
    }

    private X509Certificate2 Authority()
    {
        var request = new CertificateRequest($"CN=authority {Guid.NewGuid()}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-90), DateTimeOffset.Now.AddDays(90));
    }

    private X509Certificate2 Certificate(string name, int days)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Parse("10.0.0.2"));
        request.CertificateExtensions.Add(names.Build());
        return request.Create(_authority, DateTimeOffset.Now.AddDays(-60), DateTimeOffset.Now.AddDays(days), [1, 2, 3]);
    }
}
