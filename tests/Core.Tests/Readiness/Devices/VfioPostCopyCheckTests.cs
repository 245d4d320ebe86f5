using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class VfioPostCopyCheckTests
{
    private readonly ReadinessScene _scene = new();

    private const string Mdev = "<hostdev mode='subsystem' type='mdev'><source><address uuid='c2177883-f1bb-47f0-914d-32a22e3a8804'/></source></hostdev>";

    public VfioPostCopyCheckTests() => _scene.Source = new(_scene.Source.Host with { HypervisorVersion = new(9, 0) });

    [Fact]
    public async Task Vfio_devices_do_not_move_with_post_copy()
    {
        _scene.Definition = Mdev;
        _scene.Options = _scene.Options.With(MigrationOptions.PostCopy, true);

        var check = await _scene.CheckAsync<VfioPostCopyCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("VFIO migration is not supported with postcopy migration", check.LibvirtError);
    }

    [Theory]
    [InlineData("", ReadinessStatus.Passed)]
    [InlineData("<iommu model='intel'/>", ReadinessStatus.NotVerified)]
    public async Task With_pre_copy_an_iommu_of_the_guest_may_stop_them(string iommu, ReadinessStatus expected)
    {
        _scene.Definition = Mdev + iommu;

        Assert.Equal(expected, (await _scene.CheckAsync<VfioPostCopyCheck>()).Status);
    }

    [Fact]
    public async Task Without_such_devices_post_copy_is_free()
    {
        _scene.Definition = string.Empty;
        _scene.Options = _scene.Options.With(MigrationOptions.PostCopy, true);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<VfioPostCopyCheck>()).Status);
    }
}
