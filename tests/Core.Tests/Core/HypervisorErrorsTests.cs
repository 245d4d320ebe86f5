using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>The messages are those that libvirt 9.0 gave; the lab's tests provoke most of them for real.</summary>
public sealed class HypervisorErrorsTests
{
    private static readonly HostAddress Host = HostAddress.Parse("qemu+tcp://kvm2/system");

    [Theory]
    [InlineData(42, "Domain not found: no domain with matching name 'x'", typeof(VmNotFoundException), "VmNotFound")]
    [InlineData(55, "Requested operation is not valid: no job is active on the domain", typeof(HypervisorException), "NoMigrationJob")]
    [InlineData(55, "Requested operation is not valid: domain 'x' is already active", typeof(HypervisorException), "VmExistsOnDestination")]
    [InlineData(9, "operation failed: domain 'x' already exists with uuid 1", typeof(HypervisorException), "VmExistsOnDestination")]
    [InlineData(78, "operation aborted: migration out job: canceled by client", typeof(HypervisorException), "MigrationStopped")]
    [InlineData(68, "Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainMigratePerform3Params)",
        typeof(VmBusyException), "VmBusy")]
    [InlineData(1, "internal error: client socket is closed", typeof(HostConnectionLostException), "HostConnectionLost")]
    [InlineData(38, "End of file while reading data: Input/output error", typeof(HostConnectionLostException), "HostConnectionLost")]
    [InlineData(84, "Operation not supported: x", typeof(HypervisorNotSupportedException), "NotSupported")]
    [InlineData(1, "internal error: qemu unexpectedly closed the monitor", typeof(HypervisorException), "LibvirtError")]
    public void An_error_on_an_open_connection_gets_the_kind_that_fits(int code, string message, Type kind, string id) =>
        AssertKind(kind, id, HypervisorErrors.Classify(new(code, 10, message), Host));

    [Theory]
    [InlineData(38, "unable to connect to server at 'kvm2:16509': Connection refused", typeof(HostUnreachableException), "HostUnreachable")]
    [InlineData(1, "Unable to resolve address 'kvm2' service '16509': Name or service not known", typeof(HostUnreachableException), "HostUnreachable")]
    [InlineData(38, "Cannot recv data: Host key verification failed.: Connection reset by peer", typeof(HypervisorException), "HostCertificateInvalid")]
    [InlineData(38, "Cannot recv data: root@kvm2: Permission denied (publickey).: Connection reset by peer", typeof(HypervisorException), "HostAuthenticationRefused")]
    [InlineData(45, "authentication failed: authentication failed", typeof(HypervisorException), "HostAuthenticationRefused")]
    [InlineData(38, "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory", typeof(HypervisorException), "HostCertificateInvalid")]
    [InlineData(5, "no connection driver available for vbox:///session", typeof(HypervisorException), "LibvirtError")]
    public void An_error_while_connecting_gets_the_kind_that_fits(int code, string message, Type kind, string id) =>
        AssertKind(kind, id, HypervisorErrors.ClassifyOpening(new(code, 7, message), Host));

    private static void AssertKind(Type kind, string id, HypervisorException exception)
    {
        Assert.IsType(kind, exception);
        Assert.Equal(id, exception.Failure.Id);
    }
}
