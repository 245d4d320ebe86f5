using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CopyIntoItselfCheckTests
{
    private readonly ReadinessScene _scene = new();

    public CopyIntoItselfCheckTests()
    {
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");
        _scene.Measure(8, 8);
        _scene.Source.Pools = [];
        _scene.Destination.Pools = [];
    }

    [Fact]
    public async Task A_device_that_both_hosts_reach_is_refused_whatever_is_asked_for()
    {
        _scene.Definition = StorageScene.Block("/dev/sdb");
        Shells("wwid naa.6001405aa", "dm mpath-36001405aa");
        _scene.Options = _scene.Options.With(MigrationOptions.AssumeSeparateStorage, true).With(MigrationOptions.Overwrite, true).With(MigrationOptions.Unsafe, true);

        var check = await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "Both hosts reach the same storage for vda (/dev/sdb)");

        Assert.True(check.ProtectsData);
        Assert.Contains("Leave -CopyStorage out", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2", What: "identity of /dev/sdb", Value: "SCSI id 36001405aa" });
    }

    [Fact]
    public async Task The_disks_that_are_not_shared_are_named_for_a_copy_of_their_own()
    {
        _scene.Definition = StorageScene.Block("/dev/sdb") + StorageScene.Block("/dev/sdc", "vdb");
        Shells("wwid naa.6001405aa\n#\nwwid naa.6001405cc", "wwid naa.6001405aa\n#\nwwid naa.6001405dd");

        var check = await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "vda (/dev/sdb)");

        Assert.Contains("-MigrateDisk vdb.", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_can_t_be_told_it_is_refused_until_the_user_says_so()
    {
        _scene.Definition = StorageScene.Block("/dev/sdb");

        var check = await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "Whether both hosts reach the same storage for vda (/dev/sdb) is unknown");
        Assert.Contains("-AssumeSeparateStorage", check.Recommendation, StringComparison.Ordinal);

        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true).With(MigrationOptions.Unsafe, true);
        Assert.Equal(ReadinessStatus.Failed, (await _scene.CheckAsync<CopyIntoItselfCheck>()).Status);

        _scene.Options = _scene.Options.With(MigrationOptions.AssumeSeparateStorage, true);
        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Warning, "-AssumeSeparateStorage treats it as separate");
    }

    [Theory]
    [InlineData("nas:/vms", ReadinessStatus.Failed, "Both hosts reach the same storage")]
    [InlineData("nas:/other", ReadinessStatus.Failed, "is unknown")]
    public async Task A_pool_s_export_tells_it_as_well(string source, ReadinessStatus expected, string message)
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool("netfs") with { Source = "nas:/vms" }, StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool("netfs") with { Source = source }, StorageScene.Image);

        await _scene.AssertAsync<CopyIntoItselfCheck>(expected, message);
    }

    [Theory]
    [InlineData("inode 7\ntype nfs4\nsource nas:/vms", ReadinessStatus.Failed, "Both hosts reach the same storage")]
    [InlineData("inode 8\ntype nfs4\nsource nas:/vms", ReadinessStatus.Passed, "separate storage")]
    public async Task An_image_that_grows_while_it_is_looked_at_is_known_by_its_number(string there, ReadinessStatus expected, string message)
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Source.Volumes[StorageScene.Image] = new(StorageScene.Image, "default", 8, 5);
        _scene.Destination.Volumes[StorageScene.Image] = new(StorageScene.Image, "default", 8, 6) { Format = "qcow2", Physical = 1 << 30 };
        Shells("inode 7\ntype nfs4\nsource nas:/vms", there);

        await _scene.AssertAsync<CopyIntoItselfCheck>(expected, message);
    }

    [Fact]
    public async Task A_file_that_the_destination_does_not_have_is_another_one()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool());

        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Passed, "separate storage: vda");
    }

    [Fact]
    public async Task An_empty_file_is_not_the_one_that_holds_the_disk()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Volumes[StorageScene.Image] = new(StorageScene.Image, "default", 8, 0) { Format = "raw" };
        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "is unknown");

        _scene.Measure(8L << 30, 4L << 30);
        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Passed, "separate storage: vda");
    }

    [Fact]
    public async Task An_empty_image_that_both_hosts_reach_is_still_one()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Measure(8L << 30, 4L << 30);
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Volumes[StorageScene.Image] = new(StorageScene.Image, "default", 8, 0) { Format = "raw" };
        Shells("inode 7\ntype nfs4\nsource nas:/vms", "inode 7\ntype nfs4\nsource nas:/vms");

        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "Both hosts reach the same storage");
    }

    [Fact]
    public async Task A_pool_that_can_t_look_again_does_not_tell_what_is_missing()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Destination.Fill(StorageScene.Pool());
        _scene.Destination.RefreshTrouble = new("pool 'default' can't be refreshed");

        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "is unknown");
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "Can't tell from here");
    }

    [Fact]
    public async Task Detours_in_a_path_hide_no_image()
    {
        _scene.Definition = StorageScene.Disk("/var/lib/libvirt//images/./db.qcow2");
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);

        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "is unknown");
    }

    [Fact]
    public async Task A_network_disk_is_one_for_both_hosts()
    {
        _scene.Definition = "<disk type='network'><source protocol='rbd' name='vms/db'><host name='mon1' port='6789'/></source><target dev='vda'/></disk>";

        await _scene.AssertAsync<CopyIntoItselfCheck>(ReadinessStatus.Failed, "Both hosts reach the same storage for vda (rbd vms/db)");
    }

    [Fact]
    public async Task Where_no_disk_is_copied_there_is_nothing_to_compare()
    {
        _scene.Definition = StorageScene.Block("/dev/sdb");
        _scene.Options = MigrationOptionSet.Empty;

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CopyIntoItselfCheck>()).Status);
    }

    // The first two commands of either shell that these tests need: what is there, and what it is.
    private void Shells(string here, string there)
    {
        _scene.AddSourceShell().Answering("boot_id", $"#\n{here}\n");
        _scene.AddDestinationShell().Answering("boot_id", $"#\n{there}\n").Answering("stat -L -c %F", "block special file /dev/sdb\nblock special file /dev/sdc\n");
    }
}
