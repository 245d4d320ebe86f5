using VirtMigrate.Hosts;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Credentials for virsh, which has no terminal to ask at.</summary>
public sealed class VirshAuthenticationTests
{
    private static readonly HostAddress Address = HostAddress.Parse("qemu+tcp://kvm2/system");

    [Fact]
    public void They_are_written_as_libvirts_client_reads_them() => Assert.Equal(
        "[credentials-0]\nauthname=admin\nusername=admin\npassword=s3cret = x\n[auth-libvirt-kvm2]\ncredentials=0\n",
        VirshAuthentication.Write([(Address, new("admin", "s3cret = x"))]));

    [Fact]
    public void What_the_file_can_t_hold_is_refused_without_being_told()
    {
        var refused = Assert.Throws<HypervisorException>(() => VirshAuthentication.Write([(Address, new("admin", "s3cret\nx"))]));

        Assert.DoesNotContain("s3cret", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(Address, refused.Host);
    }

    [Fact]
    public void A_folder_for_them_is_nobody_elses_and_goes()
    {
        string path;
        using (var folder = new Hosts.PrivateFolder())
        {
            path = folder.Write("auth.conf", "x");
            Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(folder.Path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        }

        Assert.False(File.Exists(path));
    }
}
