using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>How ssh is called for an address.</summary>
public sealed class SshTargetTests
{
    private static readonly string Always =
        "-o BatchMode=yes -o LogLevel=ERROR -o ConnectTimeout=25 -o ServerAliveInterval=5 -o ServerAliveCountMax=5 -e none";

    [Theory]
    [InlineData("kvm2", "ssh", "", "kvm2")]
    [InlineData("root@kvm2:2222", "ssh", " -p 2222 -l root", "kvm2")]
    [InlineData("qemu+ssh://[fd00::2]/system?keyfile=/a%20b&no_verify=1&command=/usr/bin/ssh", "/usr/bin/ssh",
        " -i /a b -o StrictHostKeyChecking=no", "fd00::2")]
    [InlineData("qemu+libssh2://kvm2/system?known_hosts=/k%20x&no_verify=0", "ssh", " -o UserKnownHostsFile=\"/k x\"", "kvm2")]
    [InlineData("qemu+tcp://root@kvm2:16509/system", "ssh", " -l root", "kvm2")]
    public void Ssh_is_called_as_libvirt_calls_it(string address, string program, string options, string host)
    {
        var command = new SshTarget(HostAddress.Parse(address)).Run([], ["true"]);

        Assert.Equal((program, $"{Always}{options} -T -- {host} true"), (command.Tool, string.Join(' ', command.Arguments)));
    }

    [Theory]
    [InlineData("qemu+ssh://kvm2/system?keyfile=/k", "qemu:///system")]
    [InlineData("qemu+tcp://kvm2/session", "qemu:///session")]
    [InlineData("qemu+ssh://kvm2/system?socket=/run/a b", "qemu:///system?socket=%2Frun%2Fa%20b")]
    public void The_virsh_of_the_host_opens_the_hosts_own_libvirt(string address, string uri) =>
        Assert.Equal(uri, new SshTarget(HostAddress.Parse(address)).LibvirtUri);

    [Theory]
    [InlineData("qemu+ssh://root@kvm2/system?keyfile=/k&no_verify=1", "qemu+ssh://root@kvm2/system?no_verify=1&no_tty=1")]
    [InlineData("qemu+tls://kvm2/system?pkipath=/p", "qemu+tls://kvm2/system")]
    [InlineData("qemu+tcp://kvm2/system", "qemu+tcp://kvm2/system")]
    public void Another_host_is_named_without_what_means_something_here_only(string address, string uri) =>
        Assert.Equal(uri, SshTarget.UriFrom(HostAddress.Parse(address), HostAddress.Parse("kvm1")));

    [Fact]
    public void A_host_that_has_no_name_can_t_be_reached_from_another() =>
        Assert.Throws<HypervisorNotSupportedException>(() => SshTarget.UriFrom(HostAddress.Parse("qemu:///system"), HostAddress.Parse("kvm1")));

    [Fact]
    public void This_machine_is_not_reached_by_ssh() =>
        Assert.Throws<HypervisorNotSupportedException>(() => new SshTarget(HostAddress.Parse("qemu:///system")));

    [Fact]
    public void Whatever_is_run_there_is_one_word_of_ssh()
    {
        var command = new SshTarget(HostAddress.Parse("kvm2")).Run([], ["virsh", "$(touch x)", "a'b"]);

        Assert.Equal("virsh '$(touch x)' 'a'\"'\"'b'", command.Arguments[^1]);
    }
}
