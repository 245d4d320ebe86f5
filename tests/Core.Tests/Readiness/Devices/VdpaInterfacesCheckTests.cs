using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class VdpaInterfacesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("5.2", ReadinessStatus.Failed, "vDPA devices cannot be migrated")]
    [InlineData("7.2", ReadinessStatus.Failed, "vhost lacks VHOST_F_LOG_ALL feature")]
    [InlineData("9.0", ReadinessStatus.NotVerified, "vhost lacks VHOST_F_LOG_ALL feature")]
    public async Task They_move_with_newer_hypervisors_and_devices_only(string qemu, ReadinessStatus expected, string error)
    {
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = Version.Parse(qemu) });
        _scene.Definition = "<interface type='vdpa'><source dev='/dev/vhost-vdpa-0'/></interface>";

        var check = await _scene.CheckAsync<VdpaInterfacesCheck>();

        Assert.Equal((expected, error), (check.Status, check.LibvirtError));
        Assert.Contains("/dev/vhost-vdpa-0", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Most_vms_have_none()
    {
        _scene.Definition = "<interface type='bridge'><source bridge='br0'/></interface>";

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<VdpaInterfacesCheck>()).Status);
    }
}
