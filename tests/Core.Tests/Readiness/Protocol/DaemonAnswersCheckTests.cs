using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Protocol;

public sealed class DaemonAnswersCheckTests
{
    private readonly ReadinessScene _scene = new();

    public static TheoryData<HypervisorException, string> Troubles => new()
    {
        { new HypervisorException(HostFailures.CertificateInvalid, new HypervisorError(38, 7, "Host key verification failed.: Connection reset by peer")), "ssh-keyscan kvm2" },
        { new HypervisorException(HostFailures.CertificateInvalid, new HypervisorError(1, 7, "Certificate: server certificate does not match the hostname kvm2")), "subjectAltName" },
        { new HypervisorException(HostFailures.AuthenticationRefused, new HypervisorError(45, 7, "authentication failed: Failed to verify peer's certificate")), "subjectAltName" },
        { new HypervisorException(HostFailures.CertificateInvalid, new HypervisorError(1, 7, "Cannot read CA certificate '/etc/pki/CA/cacert.pem'")), "virt-pki-validate" },
        { new HypervisorException(HostFailures.AuthenticationRefused, new HypervisorError(45, 7, "authentication failed: not today")), "-Credential" },
        { new HostTimeoutException(HostAddress.Parse("kvm2"), TimeSpan.FromSeconds(30)), "systemctl status" },
        { HypervisorException.LibraryMissing("libvirt.so.0", new DllNotFoundException()), "libvirt0" },
        { new HypervisorToolException("virsh", "could not be started.", isMissing: true), "libvirt-clients" },
        { new HypervisorToolException("virsh", "ended before its answer was complete."), "virsh -c qemu+tcp://kvm2/system hostname" },
        { new HostUnreachableException(new(38, 7, "Unable to resolve address 'kvm2' service '16509': Name or service not known")), "getent ahosts kvm2" },
        { new HostUnreachableException(new(38, 7, "unable to connect to server at 'kvm2:16509': Connection refused")), "systemctl start" },
        { new HostUnreachableException(new(38, 7, "unable to connect to server at 'kvm2:16509': No route to host")), "16509 for TCP" },
        { new HypervisorException("something else"), "virsh -c qemu+tcp://kvm2/system hostname" },
    };

    [Fact]
    public async Task A_daemon_that_answers_passes()
    {
        var check = await _scene.AssertAsync<DaemonAnswersCheck>(ReadinessStatus.Passed, "kvm2 answers: libvirt 9.0.0, QEMU 7.2.0");

        Assert.Null(check.LibvirtError);
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task What_keeps_a_host_closed_comes_with_its_own_advice(HypervisorException trouble, string advice)
    {
        _scene.DestinationTrouble = trouble;

        var check = await _scene.AssertAsync<DaemonAnswersCheck>(ReadinessStatus.Failed, trouble.Message);

        Assert.Equal(trouble.Message, check.LibvirtError);
        Assert.Contains(advice, check.Recommendation, StringComparison.Ordinal);
    }
}
