using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CopyTargetsCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task An_incremental_copy_needs_an_image_to_go_into()
    {
        Copy("Incremental", StorageScene.Disk());
        _scene.Source.Pools = [];
        _scene.Destination.Fill(StorageScene.Pool());

        var missing = await _scene.CheckAsync<CopyTargetsCheck>();
        Assert.Equal(ReadinessStatus.Failed, missing.Status);
        Assert.Equal("pre-creation of storage targets for incremental storage migration is not supported", missing.LibvirtError);
        Assert.Contains("-CopyStorage All", missing.Recommendation, StringComparison.Ordinal);

        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CopyTargetsCheck>()).Status);
    }

    [Fact]
    public async Task A_full_copy_of_a_file_makes_it()
    {
        Copy("All", StorageScene.Disk());
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CopyTargetsCheck>()).Status);
    }

    [Fact]
    public async Task Libvirt_makes_no_block_devices()
    {
        Copy("All", StorageScene.Block("/dev/vg/db"));
        _scene.Destination.Fill(StorageScene.Pool("logical", "/dev/vg", "vg"));

        var check = await _scene.CheckAsync<CopyTargetsCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("cannot precreate storage for disk type 'block'", check.LibvirtError);
    }

    [Fact]
    public async Task What_can_t_be_seen_is_not_missing()
    {
        Copy("Incremental", StorageScene.Disk());
        _scene.Destination.Pools = [];

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<CopyTargetsCheck>()).Status);
    }

    private void Copy(string how, string disk)
    {
        _scene.Definition = disk;
        _scene.Measure(8, 8);
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, how);
    }
}
