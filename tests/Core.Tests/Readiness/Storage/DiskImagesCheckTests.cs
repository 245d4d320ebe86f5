using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class DiskImagesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task Images_and_those_behind_them_are_found_in_pools()
    {
        _scene.Definition = StorageScene.Disk(more: Backing(StorageScene.Images + "/base.qcow2"));
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image, StorageScene.Images + "/base.qcow2");

        var check = await _scene.CheckAsync<DiskImagesCheck>();

        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Equal(2, check.Evidence.Count(e => e is { From: "kvm2", What: "volumes of pool default" }));
    }

    [Fact]
    public async Task An_image_that_the_pool_lacks_is_missing()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool());

        var check = await _scene.CheckAsync<DiskImagesCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal($"Cannot access storage file '{StorageScene.Image}'", check.LibvirtError);
        Assert.Contains("-CopyStorage All", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_image_behind_another_is_named_as_such()
    {
        _scene.Definition = StorageScene.Disk(more: Backing("/base/b.raw"));
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool(path: "/base", name: "base"));

        var check = await _scene.CheckAsync<DiskImagesCheck>();

        Assert.Equal($"Cannot access backing file '/base/b.raw' of storage file '{StorageScene.Image}'", check.LibvirtError);
        Assert.Contains($"vda (/base/b.raw, behind {StorageScene.Image})", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copied_images_are_not_looked_for()
    {
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");
        _scene.Destination.Fill(StorageScene.Pool());
        _scene.Definition = StorageScene.Disk();

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<DiskImagesCheck>()).Status);
    }

    [Theory]
    [InlineData("All", ReadinessStatus.Warning)]
    [InlineData("Incremental", ReadinessStatus.Failed)]
    public async Task An_image_behind_a_copied_one_is_needed_unless_the_copy_is_whole(string how, ReadinessStatus expected)
    {
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, how);
        _scene.Destination.Fill(StorageScene.Pool());
        _scene.Definition = StorageScene.Disk(more: Backing(StorageScene.Images + "/base.qcow2"));

        Assert.Equal(expected, (await _scene.CheckAsync<DiskImagesCheck>()).Status);
    }

    [Fact]
    public async Task A_path_of_no_pool_is_looked_for_on_the_host_itself()
    {
        _scene.Definition = StorageScene.Disk("/data/a.raw") + StorageScene.Disk("/data/b.raw", target: "vdb");
        _scene.Destination.Pools = [];
        var shell = new KnownShell().Answering("stat -L", "regular file /data/a.raw\n", "stat: cannot statx '/data/b.raw': No such file or directory\n", 1);
        _scene.DestinationShell = shell;

        var check = await _scene.CheckAsync<DiskImagesCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("vdb", check.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vda", check.Message, StringComparison.Ordinal);
        Assert.Contains(check.Evidence, e => e.Value.Contains("QEMU's user", StringComparison.Ordinal));
        Assert.Single(shell.Commands);
    }

    [Fact]
    public async Task What_the_shell_may_not_see_is_not_missing()
    {
        _scene.Definition = StorageScene.Disk("/data/a.raw");
        _scene.Destination.Pools = [];
        _scene.DestinationShell = new KnownShell().Answering("stat -L", error: "stat: cannot statx '/data/a.raw': Permission denied\n", exitCode: 1);

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<DiskImagesCheck>()).Status);
    }

    [Fact]
    public async Task Without_pool_and_shell_nobody_can_tell()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Pools = [StorageScene.Pool(isActive: false)];

        var check = await _scene.CheckAsync<DiskImagesCheck>();

        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.Contains("no active pool is at /var/lib/libvirt/images", Assert.Single(check.Evidence).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_definition_for_the_destination_says_which_images_it_needs()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool(path: "/new", name: "new"), "/new/db.qcow2");
        _scene.Options = _scene.Options.With(MigrationOptions.DestinationXml, new MigrationXml($"<domain><devices>{StorageScene.Disk("/new/db.qcow2")}</devices></domain>", "db.xml"));

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<DiskImagesCheck>()).Status);
    }

    [Fact]
    public async Task A_volume_needs_its_pool()
    {
        _scene.Definition = "<disk type='volume' device='disk'><source pool='fast' volume='db'/><target dev='vda'/></disk>";
        _scene.Destination.Fill(StorageScene.Pool());

        var missing = await _scene.CheckAsync<DiskImagesCheck>();
        Assert.Equal(ReadinessStatus.Failed, missing.Status);
        Assert.Equal("no storage pool with matching name 'fast'", missing.LibvirtError);

        _scene.Destination.Fill(StorageScene.Pool("logical", "/dev/fast", "fast"), "/dev/fast/db");
        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<DiskImagesCheck>()).Status);
    }

    [Fact]
    public async Task Network_disks_can_t_be_seen()
    {
        _scene.Definition = "<disk type='network' device='disk'><source protocol='rbd' name='vms/db'/><target dev='vda'/></disk>";
        _scene.Destination.Pools = [];

        var check = await _scene.CheckAsync<DiskImagesCheck>();

        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.Contains("rbd vms/db", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_moves_without_its_images()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<DiskImagesCheck>()).Status);
    }

    private static string Backing(string path) =>
        $"<backingStore type='file'><format type='qcow2'/><source file='{path}'/><backingStore/></backingStore>";
}
