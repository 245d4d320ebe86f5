using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class HostReachableCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().Resolving();

    [Fact]
    public async Task A_host_that_answers_at_any_port_is_reached()
    {
        _scene.Client.Otherwise = PortAnswer.TimedOut;
        _scene.Client.Ports[("kvm2", 22)] = PortAnswer.Open;

        await _scene.AssertAsync<HostReachableCheck>(ReadinessStatus.Passed, "From this computer, 'kvm2' answers");
    }

    [Fact]
    public async Task No_way_fails_and_silence_alone_warns()
    {
        _scene.Client.Otherwise = PortAnswer.Unreachable;
        var check = await _scene.AssertAsync<HostReachableCheck>(ReadinessStatus.Failed, "there is no route to 'kvm2'");
        Assert.Equal("unable to connect to server at 'kvm2:", check.LibvirtError);
        Assert.Contains("ip route get kvm2", check.Recommendation, StringComparison.Ordinal);

        _scene.Client.Otherwise = PortAnswer.TimedOut;
        await _scene.AssertAsync<HostReachableCheck>(ReadinessStatus.Warning, "nothing answers at 'kvm2'");
    }

    [Fact]
    public async Task Another_network_is_not_verified_from_here()
    {
        _scene.Resolving("data", "192.168.7.2").With(MigrationOptions.MigrateUri, "tcp://data:50000").Client.Otherwise = PortAnswer.Unreachable;

        await _scene.AssertAsync<HostReachableCheck>(ReadinessStatus.NotVerified, "it reaches the destination at another address");

        Assert.DoesNotContain(50000, _scene.Client.Tried);
    }
}
