using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CdromImagesCheckTests
{
    private readonly ReadinessScene _scene = new();

    private const string Iso = StorageScene.Images + "/install.iso";

    [Fact]
    public async Task A_medium_that_the_destination_has_passes()
    {
        _scene.Definition = StorageScene.Cdrom(Iso);
        _scene.Destination.Fill(StorageScene.Pool(), Iso);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CdromImagesCheck>()).Status);
    }

    [Fact]
    public async Task A_medium_that_it_lacks_fails_even_if_disks_are_copied()
    {
        _scene.Definition = StorageScene.Cdrom(Iso);
        _scene.Destination.Fill(StorageScene.Pool());
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");

        var check = await _scene.CheckAsync<CdromImagesCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal($"Cannot access storage file '{Iso}'", check.LibvirtError);
        Assert.Contains("virsh -c qemu+tcp://kvm1/system change-media db sda --eject", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("optional")]
    [InlineData("requisite")]
    public async Task A_medium_that_may_be_missing_is_taken_out(string policy)
    {
        _scene.Definition = StorageScene.Cdrom(Iso, $" startupPolicy='{policy}'");
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<CdromImagesCheck>()).Status);
    }

    [Fact]
    public async Task An_empty_drive_needs_nothing()
    {
        _scene.Definition = "<disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk>" + StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CdromImagesCheck>()).Status);
    }

    [Fact]
    public async Task A_medium_of_no_pool_can_t_be_seen()
    {
        _scene.Definition = StorageScene.Cdrom("/srv/iso/a.iso");
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<CdromImagesCheck>()).Status);
    }

    [Fact]
    public async Task A_vm_that_is_shut_off_moves_but_could_not_start()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        _scene.Definition = StorageScene.Cdrom(Iso);
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<CdromImagesCheck>()).Status);
    }
}
