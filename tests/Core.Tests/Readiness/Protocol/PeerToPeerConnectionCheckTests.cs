using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Protocol;

public sealed class PeerToPeerConnectionCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().With(MigrationOptions.PeerToPeer, true);

    [Fact]
    public async Task A_source_that_opens_the_destination_passes()
    {
        _scene.AddSourceShell().Answering("id -u", "0\n").Answering("virsh", "kvm2\n");

        await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.Passed, "kvm1 opens the destination's URI itself");
    }

    [Fact]
    public async Task A_source_that_can_t_fails_with_libvirt_s_reason()
    {
        _scene.AddSourceShell().Answering("id -u", "0\n")
            .Answering("virsh", "", "error: failed to connect to the hypervisor\nerror: authentication failed: authentication failed\n", 1);

        var check = await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.Failed, "kvm1 can't open the destination's URI");

        Assert.Equal("authentication failed: authentication failed", check.LibvirtError);
        Assert.Contains("-PeerToPeer:$false", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_leads_elsewhere_from_there_fails()
    {
        _scene.AddSourceShell().Answering("id -u", "0\n").Answering("virsh", "kvm9\n");

        await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.Failed, "leads to another host, 'kvm9'");
    }

    [Fact]
    public async Task Without_root_s_own_view_it_is_not_verified()
    {
        var check = await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.NotVerified, "whether kvm1 can open");
        Assert.Contains("virsh -c qemu+tcp://kvm2/system hostname", check.Recommendation, StringComparison.Ordinal);

        _scene.AddSourceShell().Answering("id -u", "1000\n").Answering("virsh", "kvm2\n");
        await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.NotVerified, "whether kvm1 can open");
    }

    [Fact]
    public async Task An_address_without_a_host_is_the_source_to_the_source()
    {
        _scene.Destination = new(_scene.Destination.Host with { Uri = "qemu:///system" });

        var check = await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.Failed, "there that means the source");

        Assert.Equal("Attempt to migrate guest to the same host", check.LibvirtError);
    }

    [Fact]
    public async Task Without_peer_to_peer_the_source_need_not_connect()
    {
        _scene.With(MigrationOptions.PeerToPeer, false);

        await _scene.AssertAsync<PeerToPeerConnectionCheck>(ReadinessStatus.NotApplicable, "this computer manages the migration");
    }
}
