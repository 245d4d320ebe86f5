using CsCheck;
using VirtMigrate.Hosts;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Errors as virsh and ssh print them.</summary>
public sealed class VirshErrorTests
{
    private static readonly HostAddress Address = HostAddress.Parse("qemu+ssh://root@kvm2/system");

    [Theory]
    [InlineData("error: Failed to suspend domain 'a'\nerror: Requested operation is not valid: domain is not running\n", LibvirtErrorCode.OperationInvalid)]
    [InlineData("error: failed to get domain 'c0ffee00-0000-4000-8000-000000000001'\n", LibvirtErrorCode.NoDomain)]
    [InlineData("error: Domain not found: no domain with matching uuid 'x'\n", LibvirtErrorCode.NoDomain)]
    [InlineData("error: this function is not supported by the connection driver: virDomainGetControlInfo\n", LibvirtErrorCode.NoSupport)]
    [InlineData("error: command 'domjobinfo' doesn't support option --rawstats\n", LibvirtErrorCode.NoSupport)]
    [InlineData("error: operation failed: job: canceled by client\n", LibvirtErrorCode.OperationFailed)]
    [InlineData("error: the CPU is incompatible with host CPU: Host CPU does not provide required features: avx512f\n", LibvirtErrorCode.CpuIncompatible)]
    [InlineData("error: unable to connect to server at '10.0.0.9:16509': Connection refused\n", LibvirtErrorCode.SystemError)]
    [InlineData("error: domain web exists already\n", LibvirtErrorCode.DomainExists)]
    [InlineData("error: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainMigratePerform3Params)\n",
        LibvirtErrorCode.OperationTimeout)]
    public void A_message_has_the_code_that_libvirt_gave_it_and_no_domain(string text, int code)
    {
        var error = VirshErrors.Read(text)!;

        Assert.Equal((code, 0), (error.Code, error.Domain));
    }

    [Fact]
    public void Of_several_messages_the_last_one_is_libvirts()
    {
        var error = VirshErrors.Read("error: failed to connect to the hypervisor\nerror: Cannot recv data: Host key verification failed.\n: Connection reset by peer\n")!;

        Assert.Equal("Cannot recv data: Host key verification failed.\n: Connection reset by peer", error.Message);
    }

    [Fact]
    public void That_the_connection_went_down_is_not_why()
    {
        var error = VirshErrors.Read("error: End of file while reading data: Input/output error\nerror: Disconnected from qemu+tcp://kvm2/system due to end of file\n")!;

        Assert.StartsWith("End of file", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("2026-01-01 10:00:00.000+0000: 1: info : libvirt version: 9.0.0\n")]
    public void What_is_no_error_is_none(string text) => Assert.Null(VirshErrors.Read(text));

    [Theory]
    [InlineData(255, "root@kvm2: Permission denied (publickey,password).\r\n", typeof(HypervisorException), "HostAuthenticationRefused")]
    [InlineData(255, "Host key verification failed.\r\n", typeof(HypervisorException), "HostCertificateInvalid")]
    [InlineData(255, "ssh: connect to host kvm2 port 22: Connection refused\r\n", typeof(HostUnreachableException), "HostUnreachable")]
    [InlineData(255, "ssh: Could not resolve hostname kvm2: Name or service not known\r\n", typeof(HostUnreachableException), "HostUnreachable")]
    [InlineData(1, "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/run/libvirt/virtqemud-sock': No such file or directory\n", typeof(HostUnreachableException), "HostUnreachable")]
    [InlineData(127, "sh: 1: exec: virsh: not found\n", typeof(HypervisorToolException), "HostToolMissing")]
    [InlineData(137, "", typeof(HypervisorToolException), "HostToolFailed")]
    [InlineData(0, "", typeof(HypervisorToolException), "HostToolFailed")]
    public void A_run_without_a_complete_answer_is_told_by_its_cause(int exitCode, string errors, Type expected, string id)
    {
        var exception = VirshErrors.OfRun(new ToolRun("ssh", exitCode, string.Empty, errors), Address);

        Assert.IsType(expected, exception);
        Assert.Equal(id, exception.Failure.Id);
    }

    [Fact]
    public void Whatever_is_printed_gives_an_error_or_none() =>
        Gen.String.Sample(text => _ = VirshErrors.Read("error: " + text) is not { Message.Length: 0 });
}
