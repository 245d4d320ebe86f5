using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Checks;
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

    [Theory]
    [InlineData("nas:/vms", ReadinessStatus.Failed)]
    [InlineData("nas:/other", ReadinessStatus.NotApplicable)]
    public async Task A_disk_is_not_copied_into_itself(string source, ReadinessStatus expected)
    {
        Copy("All", StorageScene.Disk());
        _scene.Source.Fill(StorageScene.Pool("netfs") with { Source = "nas:/vms" }, StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool("netfs") with { Source = source }, StorageScene.Image);

        var check = await _scene.CheckAsync<CopyTargetsCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Failed ? "unable to execute QEMU command 'block-export-add'" : null, check.LibvirtError);
    }

    [Theory]
    [InlineData("inode 7, 8 bytes", "6969 nfs", ReadinessStatus.Failed)]
    [InlineData("inode 8, 8 bytes", "6969 nfs", ReadinessStatus.NotApplicable)]
    [InlineData("inode 7, 8 bytes", "ef53 ext2/ext3", ReadinessStatus.NotApplicable)]
    public async Task The_hosts_themselves_know_whether_it_is_one_file(string identity, string fileSystem, ReadinessStatus expected)
    {
        Copy("All", StorageScene.Disk());
        _scene.Source.Fill(StorageScene.Pool());
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Path = _scene.Path with
        {
            SourceShell = new KnownShell().Answering("stat -f", "6969 nfs").Answering("stat -L", "inode 7, 8 bytes"),
            DestinationShell = new KnownShell().Answering("stat -f", fileSystem).Answering("stat -L", identity),
        };

        Assert.Equal(expected, (await _scene.CheckAsync<CopyTargetsCheck>()).Status);
    }

    private void Copy(string how, string disk)
    {
        _scene.Definition = disk;
        _scene.Measure(8, 8);
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, how);
    }
}
