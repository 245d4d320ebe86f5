using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Ports;

public sealed class ControlPortCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().Resolving();

    [Fact]
    public async Task A_connection_that_stands_needs_no_trying()
    {
        await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.Passed, "'kvm2', port 16509, is open");

        Assert.Empty(_scene.Client.Tried);
    }

    [Theory]
    [InlineData(nameof(PortAnswer.Refused), "port 16509 of 'kvm2' refuses connections")]
    [InlineData(nameof(PortAnswer.TimedOut), "nothing answers at port 16509")]
    [InlineData(nameof(PortAnswer.Rejected), "a firewall rejects port 16509")]
    [InlineData(nameof(PortAnswer.NameUnknown), "This computer can't resolve 'kvm2'")]
    public async Task What_keeps_a_connection_from_being_made_is_told(string answer, string message)
    {
        _scene.DestinationTrouble = new HypervisorException("no");
        _scene.Client.Otherwise = Enum.Parse<PortAnswer>(answer);

        var check = await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.Failed, message);

        Assert.Contains("'kvm2", check.LibvirtError, StringComparison.Ordinal);
        Assert.NotNull(check.Recommendation);
    }

    [Fact]
    public async Task With_peer_to_peer_the_source_must_reach_it()
    {
        _scene.With(MigrationOptions.PeerToPeer, true);
        var check = await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.NotVerified, "the source connects to port 16509 of 'kvm2'");
        Assert.Contains("virsh -c qemu+tcp://kvm2/system hostname", check.Recommendation, StringComparison.Ordinal);

        _scene.FromSource().Ports[("kvm2", 16509)] = PortAnswer.Open;
        await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.Passed, "From kvm1, port 16509 of 'kvm2' is open");

        _scene.FromSource().Otherwise = PortAnswer.TimedOut;
        check = await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.Failed, "From kvm1 nothing answers at port 16509");
        Assert.Equal("unable to connect to server at 'kvm2:16509'", check.LibvirtError);
    }

    [Theory]
    [InlineData("qemu+ssh://root@kvm2/system", 22)]
    [InlineData("qemu+ssh://kvm2:2222/system", 2222)]
    [InlineData("qemu+tls://kvm2/system", 16514)]
    [InlineData("qemu://kvm2/system", 16514)]
    public async Task The_port_is_the_protocol_s_or_the_address_s_own(string uri, int port)
    {
        _scene.Destination = new(_scene.Destination.Host with { Uri = uri });

        await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.Passed, $"port {port}, is open");
    }

    [Fact]
    public async Task This_computer_s_own_daemon_takes_no_port()
    {
        _scene.Destination = new(_scene.Destination.Host with { Uri = "qemu:///system" });

        await _scene.AssertAsync<ControlPortCheck>(ReadinessStatus.NotApplicable, "qemu:///system uses no port");
    }
}
