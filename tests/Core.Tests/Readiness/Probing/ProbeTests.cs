using System.Net;
using System.Net.Sockets;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Probing;

public sealed class ProbeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ports_tell_whether_somebody_listens_from_here_and_from_a_shell(bool byShell)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || !byShell, "The shell's commands are those of Linux.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var open = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var closed = ((IPEndPoint)other.LocalEndpoint).Port;
        other.Stop();
        INetworkProbe probe = byShell ? new ShellProbe("me", HostShell.Of(HostAddress.Parse("qemu:///system"))!) : new SocketProbe();

        Assert.Equal([PortAnswer.Open, PortAnswer.Refused], await probe.ConnectAsync("127.0.0.1", [open, closed], Stop));
        Assert.Equal(PortAnswer.NameUnknown, await probe.ConnectAsync("no-such-host.invalid", closed, Stop));
    }

    [Fact]
    public async Task A_host_without_python_is_asked_by_bash()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The shell's commands are those of Linux.");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var open = ((IPEndPoint)listener.LocalEndpoint).Port;
        INetworkProbe probe = new ShellProbe("me", new ShellWithoutPython());

        Assert.Equal([PortAnswer.Open, PortAnswer.Refused], await probe.ConnectAsync("127.0.0.1", [open, 1], Stop));
        Assert.Equal(PortAnswer.NameUnknown, await probe.ConnectAsync("no-such-host.invalid", 1, Stop));
    }

    [Fact]
    public async Task A_shell_resolves_names_as_its_host_does()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The shell's commands are those of Linux.");
        var probe = new ShellProbe("me", HostShell.Of(HostAddress.Parse("qemu:///system"))!);

        Assert.Contains((await probe.ResolveAsync("localhost", Stop))!, IPAddress.IsLoopback);
        Assert.Empty((await probe.ResolveAsync("no-such-host.invalid", Stop))!);
        Assert.Null(await new ShellProbe("me", new KnownShell()).ResolveAsync("localhost", Stop));
    }

    [Fact]
    public async Task A_program_that_is_missing_is_no_answer()
    {
        var shell = HostShell.Of(HostAddress.Parse("qemu:///system"))!;

        Assert.Null(await shell.RunAsync(["no-such-program"], Stop));
        Assert.Null(await HostShell.Of(HostAddress.Parse("qemu+ssh://kvm2/system?command=no-such-ssh"))!.RunAsync(["true"], Stop));
    }

    [Fact]
    public async Task A_command_ends_with_the_user_s_patience()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The shell's commands are those of Linux.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var command = HostShell.Of(HostAddress.Parse("qemu:///system"))!.RunAsync(["sleep", "300"], stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => command);
    }

    [Theory]
    [InlineData("qemu+tls://kvm2/system")]
    [InlineData("qemu+tcp://kvm2/system")]
    [InlineData("qemu:///system?socket=/run/other")]
    public void An_address_that_leads_to_no_shell_has_none(string uri) => Assert.Null(HostShell.Of(HostAddress.Parse(uri)));

    [Theory]
    [InlineData("tcp://kvm2", nameof(MigrationRouteKind.Network), "kvm2", null)]
    [InlineData("tcp://kvm2:50000", nameof(MigrationRouteKind.Network), "kvm2", 50000)]
    [InlineData("tcp:kvm2:50000", nameof(MigrationRouteKind.Network), "kvm2", 50000)]
    [InlineData("tcp://[fd00::2]:50000/", nameof(MigrationRouteKind.Network), "fd00::2", 50000)]
    [InlineData("tcp://[fd00::2]", nameof(MigrationRouteKind.Network), "fd00::2", null)]
    [InlineData("rdma://kvm2", nameof(MigrationRouteKind.Rdma), "", null)]
    [InlineData("unix:///run/x", nameof(MigrationRouteKind.Socket), "", null)]
    [InlineData("tcp://", nameof(MigrationRouteKind.Unknown), "", null)]
    public void Addresses_of_migrations_are_read_as_libvirt_reads_them(string uri, string kind, string host, int? port)
    {
        var route = MigrationRoute.Parse(uri);

        Assert.Equal((kind, host, port), (route.Kind.ToString(), route.Host, route.Port));
    }

    [Fact]
    public void Settings_are_those_that_are_not_commented_out()
    {
        var settings = QemuSettings.Parse("# migration_host = \"no\"\nmigration_port_min = 50000\n  migrate_tls_force = 1 # yes\ndefault_tls_x509_cert_dir = \"/srv\"\nuser = \"\"\n");

        Assert.Null(settings.MigrationHost);
        Assert.Equal((50000, 49215, true, "/srv"), (settings.FirstPort, settings.LastPort, settings.IsTlsForced, settings.CertificateDirectory));
    }

    private sealed class ShellWithoutPython : IHostShell
    {
        private readonly HostShell _shell = HostShell.Of(HostAddress.Parse("qemu:///system"))!;

        public async Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
            command[0] is "python3" ? null : await _shell.RunAsync(command, cancellationToken);
    }
}
