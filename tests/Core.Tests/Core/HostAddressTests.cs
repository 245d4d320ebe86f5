using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class HostAddressTests
{
    [Theory]
    [InlineData("kvm2", "qemu+ssh://kvm2/system")]
    [InlineData("root@kvm2", "qemu+ssh://root@kvm2/system")]
    [InlineData("root@kvm2.example.org:2222", "qemu+ssh://root@kvm2.example.org:2222/system")]
    [InlineData("192.0.2.7", "qemu+ssh://192.0.2.7/system")]
    [InlineData("[2001:db8::7]", "qemu+ssh://[2001:db8::7]/system")]
    [InlineData(" kvm2 ", "qemu+ssh://kvm2/system")]
    public void A_bare_host_means_the_system_daemon_over_ssh(string text, string uri) =>
        Assert.Equal(uri, HostAddress.Parse(text).Uri);

    [Theory]
    [InlineData("qemu:///system")]
    [InlineData("qemu+unix:///system?socket=/run/other.sock")]
    [InlineData("qemu+tls://kvm2/system?pkipath=/etc/pki/me")]
    [InlineData("test:///default")]
    public void A_uri_stays_as_it_is(string uri)
    {
        var address = HostAddress.Parse(uri);

        Assert.Equal(uri, address.Uri);
        Assert.Equal(uri, address.ConnectUri);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=evil")]
    [InlineData("-x@kvm2")]
    [InlineData("kvm2/system")]
    [InlineData("kvm 2")]
    [InlineData("kvm2:0")]
    [InlineData("kvm2:99999")]
    [InlineData("a\nb")]
    [InlineData("kvm2?command=x")]
    public void A_text_that_names_no_host_is_refused(string text)
    {
        var refusal = FailureAssert.Throws<HypervisorException>("HostAddressInvalid", () => HostAddresses.Parse(text));
        Assert.Throws<FormatException>(() => HostAddress.Parse(text));

        Assert.Contains("neither a libvirt URI nor a host name", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("qemu+ssh://kvm2/system", "qemu+ssh://kvm2/system?no_tty=1")]
    [InlineData("qemu+ssh://kvm2/system?keyfile=/k", "qemu+ssh://kvm2/system?keyfile=/k&no_tty=1")]
    [InlineData("qemu+ssh://kvm2/system?no_tty=0", "qemu+ssh://kvm2/system?no_tty=0")]
    [InlineData("qemu+libssh://kvm2/system", "qemu+libssh://kvm2/system")]
    public void Ssh_is_told_that_nobody_sits_at_a_terminal(string uri, string opened) =>
        Assert.Equal(opened, HostAddress.Parse(uri).ConnectUri);

    [Theory]
    [InlineData("qemu+ssh://kvm2/system", "ssh", "kvm2")]
    [InlineData("qemu+tcp://192.0.2.7:16509/system", "tcp", "192.0.2.7")]
    [InlineData("qemu:///system", "", "")]
    public void An_address_tells_its_transport_and_host(string uri, string transport, string host)
    {
        var address = HostAddress.Parse(uri);

        Assert.Equal(transport, address.Transport);
        Assert.Equal(host, address.HostName);
    }
}
