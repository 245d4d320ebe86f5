using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class SharedStorageCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("6969 nfs", ReadinessStatus.Passed)]
    [InlineData("c36400 ceph", ReadinessStatus.Passed)]
    [InlineData("ef53 ext2/ext3", ReadinessStatus.Failed)]
    [InlineData("58465342 xfs", ReadinessStatus.Failed)]
    public async Task Libvirt_goes_by_the_file_system_that_the_source_says(string answer, ReadinessStatus expected)
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool());
        _scene.SourceShell = new KnownShell().Answering("stat -f", answer).Answering("grep", exitCode: 1);

        var check = await _scene.CheckAsync<SharedStorageCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains(check.Evidence, e => e is { From: "kvm1", What: "stat --file-system" } && e.Value.Contains(answer.Split(' ')[1], StringComparison.Ordinal));
        Assert.Equal(expected == ReadinessStatus.Failed ? "Migration without shared storage is unsafe" : null, check.LibvirtError);
    }

    [Theory]
    [InlineData("fuse.glusterfs", ReadinessStatus.Passed)]
    [InlineData("fuse.sshfs", ReadinessStatus.Failed)]
    public async Task Of_the_file_systems_in_user_space_libvirt_knows_two(string type, ReadinessStatus expected)
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool());
        _scene.SourceShell = new KnownShell().Answering("stat -f", "65735546 fuseblk").Answering("findmnt", type + "\n").Answering("grep", exitCode: 1);

        Assert.Equal(expected, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Fact]
    public async Task A_host_whose_libvirt_has_directories_declared_shared_is_not_second_guessed()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool());
        _scene.SourceShell = new KnownShell().Answering("stat -f", "ef53 ext2/ext3").Answering("grep");

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Fact]
    public async Task A_pool_that_mounts_a_network_file_system_is_shared()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool("netfs"), StorageScene.Image);

        var check = await _scene.CheckAsync<SharedStorageCheck>();

        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Contains(check.Evidence, e => e.Value.Contains("of type netfs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_the_destination_s_pool_lacks_is_not_shared()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool());

        var check = await _scene.CheckAsync<SharedStorageCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("vda (/var/lib/libvirt/images/db.qcow2)", check.Message, StringComparison.Ordinal);
        Assert.Contains("-CopyStorage All", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, ReadinessStatus.NotVerified)]
    [InlineData(9, ReadinessStatus.Failed)]
    public async Task Images_of_one_path_on_both_hosts_may_be_the_same_but_for_their_size(long size, ReadinessStatus expected)
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Measure(8, 8);
        _scene.Source.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Volumes[StorageScene.Image] = new(StorageScene.Image, "default", size, 0);

        Assert.Equal(expected, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Fact]
    public async Task Storage_that_the_destination_has_elsewhere_may_be_the_same()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool());
        _scene.Destination.Fill(StorageScene.Pool(path: "/nas", name: "nas"), "/nas/db.qcow2");
        _scene.Measure(8, 8);
        _scene.Options = _scene.Options.With(MigrationOptions.DestinationXml, new MigrationXml($"<domain><devices>{StorageScene.Disk("/nas/db.qcow2")}</devices></domain>"));

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Theory]
    [InlineData("iscsi", ReadinessStatus.Passed)]
    [InlineData("logical", ReadinessStatus.Warning)]
    [InlineData(null, ReadinessStatus.NotVerified)]
    public async Task Libvirt_does_not_look_at_block_devices(string? pool, ReadinessStatus expected)
    {
        _scene.Definition = StorageScene.Block("/dev/vg/db");
        _scene.Source.Pools = pool is null ? [] : [StorageScene.Pool(pool, "/dev/vg")];

        Assert.Equal(expected, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Fact]
    public async Task Copied_disks_need_no_shared_storage()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Fact]
    public async Task A_disk_that_is_not_among_those_to_copy_does()
    {
        _scene.Definition = StorageScene.Disk() + StorageScene.Disk(StorageScene.Images + "/log.qcow2", target: "vdb");
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All").With(MigrationOptions.MigrateDisk, "vda");
        _scene.Source.Fill(StorageScene.Pool());
        _scene.Destination.Fill(StorageScene.Pool());

        var check = await _scene.CheckAsync<SharedStorageCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("vdb", check.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("vda", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_says_unsafe_is_warned()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Options = _scene.Options.With(MigrationOptions.Unsafe, true);
        _scene.Source.Fill(StorageScene.Pool());
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }

    [Fact]
    public async Task What_is_only_read_or_comes_over_the_network_or_does_not_run_is_safe()
    {
        _scene.Source.Pools = [];
        _scene.Definition = StorageScene.Disk(more: "<readonly/>") + StorageScene.Cdrom("/iso/a.iso");
        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<SharedStorageCheck>()).Status);

        _scene.Definition = "<disk type='network' device='disk'><source protocol='rbd' name='vms/db'/><target dev='vda'/></disk>";
        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<SharedStorageCheck>()).Status);

        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<SharedStorageCheck>()).Status);
    }
}
