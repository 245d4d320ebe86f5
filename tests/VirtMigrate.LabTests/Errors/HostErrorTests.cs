using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees who can't get to a host.</summary>
public sealed class HostErrorTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public void A_text_that_names_no_host() => Session.Run("Connect-VmHost 'not a host'")
        .AssertError("HostAddressInvalid", ErrorCategory.InvalidArgument, "'not a host'", "root@kvm2");

    [Fact]
    public void A_host_name_that_nobody_knows() => Session.Run("Connect-VmHost qemu+tcp://no-such-host.invalid/system")
        .AssertError("HostUnreachable", ErrorCategory.ConnectionError, "no-such-host.invalid", "name");

    [Fact]
    public void A_port_on_which_nobody_listens() => Session.Set("uri", $"qemu+tcp://{Lab.Host1.Address}:9/system").Run("Get-Vm -VmHost $uri")
        .AssertError("HostUnreachable", ErrorCategory.ConnectionError, "Connection refused", "virtproxyd");

    [Fact]
    public void A_user_whose_key_the_host_does_not_know() =>
        Session.Set("uri", $"qemu+ssh://nobody-known@{Lab.Host1.Address}/system?command={Lab.SshCommand}").Run("Connect-VmHost $uri")
            .AssertError("HostAuthenticationRefused", ErrorCategory.AuthenticationError, "Permission denied", "ssh");

    [Fact]
    public void A_host_whose_key_is_not_known() =>
        Session.Set("uri", $"qemu+ssh://root@{Lab.Host1.Address}/system").Run("Connect-VmHost $uri")
            .AssertError("HostCertificateInvalid", ErrorCategory.SecurityError, "Host key verification failed", "accept the host's key");

    [Fact]
    public void A_client_without_certificates() =>
        Session.Set("uri", $"qemu+tls://{Lab.Host1.Address}/system?pkipath=/nonexistent").Run("Connect-VmHost $uri")
            .AssertError("HostCertificateInvalid", ErrorCategory.SecurityError, "/nonexistent", "pkipath");

    [Fact]
    public async Task A_password_that_is_asked_for_comes_from_the_credential_and_never_from_the_console()
    {
        await using var asking = await Lab.AskForPasswordAsync(Lab.Host2);

        Session.Run("Connect-VmHost $kvm2")
            .AssertError("HostAuthenticationRefused", ErrorCategory.AuthenticationError, "authentication", "-Credential");
        Session.Run(ConnectWith("wrong"))
            .AssertError("HostAuthenticationRefused", ErrorCategory.AuthenticationError, "authentication", "-Credential");
        var host = Session.Run(ConnectWith("lab-password")).Single;

        Assert.Equal("kvm2", host.Text("Name"));
    }

    [Fact]
    public async Task A_machine_without_the_library_that_is_asked_for()
    {
        // The library is hidden from one process by a mount that nobody else sees.
        using var process = new ShellProcess(
            "Connect-VmHost test:///default -Transport Libvirt; $Error[0].FullyQualifiedErrorId; $Error[0].ErrorDetails.RecommendedAction",
            ["unshare", "--mount", "sh", "-c", "mount --bind /dev/null \"$(ldconfig -p | sed -n 's/.*libvirt\\.so\\.0 .*=> //p')\" && exec \"$@\"", "sh"]);
        await process.WaitAsync();

        Assert.Contains("LibvirtMissing", process.Text, StringComparison.Ordinal);
        Assert.Contains("libvirt.so.0", process.Text, StringComparison.Ordinal);
        Assert.Contains("libvirt0", process.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_is_dead()
    {
        Session.Run("$null = Connect-VmHost $kvm2").AssertNoErrors();
        await using var dead = await Lab.KillDaemonAsync(Lab.Host2);

        Session.Run("Get-Vm -VmHost $kvm2, $kvm1")
            .AssertError("HostUnreachable", ErrorCategory.ConnectionError, "Connection refused", "virtproxyd");
    }

    [Fact]
    public async Task A_daemon_that_is_dead_behind_an_ssh_server_that_lives()
    {
        await using var dead = await Lab.KillDaemonAsync(Lab.Host2);

        Session.Set("uri", Lab.Host2.Ssh).Run("Connect-VmHost $uri")
            .AssertError("HostUnreachable", ErrorCategory.ConnectionError, "End of file while reading data", "virtproxyd");
    }

    private static string ConnectWith(string password) =>
        $"Connect-VmHost $kvm2 -Credential ([pscredential]::new('lab', [System.Net.NetworkCredential]::new('', '{password}').SecurePassword))";
}
