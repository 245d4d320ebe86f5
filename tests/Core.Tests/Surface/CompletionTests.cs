using VirtMigrate.Completion;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>Where the names come from that Tab offers, and how they are shown.</summary>
public sealed class CompletionTests
{
    [Fact]
    public void The_aliases_of_libvirt_and_the_hosts_of_ssh_are_read()
    {
        const string Libvirt = """
            # uri_aliases = [ "old=qemu:///old" ]
            uri_aliases = [
              "hail=qemu+ssh://root@hail.example/system",
              # "rain=qemu:///rain",
              "sleet=qemu+tls://sleet.example/system",
            ]
            """;
        const string Ssh = """
            Host kvm1 kvm2 # the rack
              HostName 10.0.0.1
            host=kvm3
            Host *.example !bad ?
              User root
            """;

        Assert.Equal(["qemu+ssh://root@hail.example/system", "qemu+tls://sleet.example/system"], KnownAddresses.UriAliases(Libvirt).Select(a => a.Name));
        Assert.Equal("hail in libvirt.conf", KnownAddresses.UriAliases(Libvirt).First().ToolTip);
        Assert.Equal(["kvm1", "kvm2", "kvm3"], KnownAddresses.SshHosts(Ssh).Select(a => a.Name));
        Assert.Empty(KnownAddresses.UriAliases("garbage = ["));
        Assert.Empty(KnownAddresses.SshHosts("\0\u001b[2J"));
    }

    [Fact]
    public void What_a_name_holds_does_not_steer_the_terminal()
    {
        var result = Assert.Single(Completer.Results("a", [("a\u001b[2Jb", "a\u001b[2Jb: Running")]));

        Assert.Equal(("a [2Jb", "a [2Jb: Running"), (result.ListItemText, result.ToolTip));
    }
}
