using VirtMigrate.Planning;
using VirtMigrate.Readiness;
using VirtMigrate.Xml;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class StorageIdentityTests
{
    private const string Boot1 = "kernel 1f0c file 2049 17\ninode 17\n";
    private const string Boot2 = "kernel 9e77 file 2049 17\ninode 17\n";

    /// <summary>What the command says on the source and on the destination of what each has under the disk's path.</summary>
    public static TheoryData<string, string, string, string> Pairs => new()
    {
        { "one SCSI disk, by its own name and by multipath", "wwid naa.6001405aa\n", "dm mpath-36001405aa\n", nameof(SameStorage.Same) },
        { "two SCSI disks", "wwid naa.6001405aa\n", "wwid naa.6001405bb\n", nameof(SameStorage.Separate) },
        { "one disk, of which udev knows the serial number", "serial 36001405aaaaaaaaaaaaaaaaaaaaaaaaa\n", "dm mpath-36001405aaaaaaaaaaaaaaaaaaaaaaaaa\n", nameof(SameStorage.Same) },
        { "emulated disks, alike on all hosts", "wwid t10.ATA QEMU HARDDISK QM00001\nserial QEMU_HARDDISK_QM00001\n", "wwid t10.ATA QEMU HARDDISK QM00001\nserial QEMU_HARDDISK_QM00001\n", nameof(SameStorage.Unknown) },
        { "one partition", "wwid naa.6001405aa\nstart 2048\n", "wwid naa.6001405aa\nstart 2048\n", nameof(SameStorage.Same) },
        { "two partitions of one disk", "wwid naa.6001405aa\nstart 2048\n", "wwid naa.6001405aa\nstart 999424\n", nameof(SameStorage.Separate) },
        { "a partition and one of multipath, named in two ways", "wwid naa.6001405aa\nstart 2048\n", "dm part1-mpath-36001405aa\n", nameof(SameStorage.Unknown) },
        { "one partition of multipath", "dm part1-mpath-36001405aa\n", "dm part1-mpath-36001405aa\n", nameof(SameStorage.Same) },
        { "one NVMe namespace", "wwid eui.0025388b710116a1\n", "wwid eui.0025388b710116a1\n", nameof(SameStorage.Same) },
        { "one volume of a clustered LVM", $"dm LVM-{Lvm('a')}{Lvm('c')}\n", $"dm LVM-{Lvm('a')}{Lvm('c')}-real\n", nameof(SameStorage.Same) },
        { "volumes of two hosts' own LVM", $"dm LVM-{Lvm('a')}{Lvm('c')}\n", $"dm LVM-{Lvm('b')}{Lvm('d')}\n", nameof(SameStorage.Separate) },
        { "a logical volume, and the disk that it is exported as", $"dm LVM-{Lvm('a')}{Lvm('c')}\n", "wwid naa.6001405aa\n", nameof(SameStorage.Unknown) },
        { "one image of Ceph", "rbd 4a15 vms/db\n", "rbd 4a15 vms/db\n", nameof(SameStorage.Same) },
        { "images of one name in two clusters", "rbd 4a15 vms/db\n", "rbd 77aa vms/db\n", nameof(SameStorage.Separate) },
        { "one resource of DRBD", "drbd db/0\n", "drbd db/0\n", nameof(SameStorage.Same) },
        { "resources of DRBD by two names", "drbd db/0\n", "drbd web/0\n", nameof(SameStorage.Unknown) },
        { "files of one number on two hosts' own file systems", Boot1 + "type ext4\nsource /dev/sda1\n", Boot2 + "type xfs\nsource /dev/sda1\n", nameof(SameStorage.Separate) },
        { "one file of NFS", Boot1 + "type nfs4\nsource nas:/vms\n", Boot2 + "type nfs4\nsource nas:/vms\n", nameof(SameStorage.Same) },
        { "two files of NFS", Boot1 + "type nfs4\nsource nas:/vms\n", "kernel 9e77 file 50 18\ninode 18\ntype nfs4\nsource nas:/vms\n", nameof(SameStorage.Separate) },
        { "files of one number, of a server by two names", Boot1 + "type nfs4\nsource nas:/vms\n", Boot2 + "type nfs4\nsource 10.0.0.9:/vms\n", nameof(SameStorage.Unknown) },
        { "a file, and the same from the source, which is the NFS server", Boot1 + "type xfs\nsource /dev/sda1\n", Boot2 + "type nfs4\nsource kvm1:/vms\n", nameof(SameStorage.Same) },
        { "a local file, and one of NFS, which may be a server's own number", Boot1 + "type xfs\nsource /dev/sda1\n", "kernel 9e77 file 50 18\ninode 18\ntype nfs4\nsource kvm1:/vms\n", nameof(SameStorage.Unknown) },
        { "files of NFS 3 and 4", Boot1 + "type nfs\nsource nas:/vms\n", "inode 18\ntype nfs4\nsource nas:/vms\n", nameof(SameStorage.Separate) },
        { "files of two kinds of network file systems", Boot1 + "type nfs4\nsource nas:/vms\n", "inode 18\ntype ceph\nsource nas:/vms\n", nameof(SameStorage.Unknown) },
        { "files of CIFS, whose numbers may be made up", Boot1 + "type cifs\nsource //nas/vms\n", "inode 18\ntype cifs\nsource //nas/vms\n", nameof(SameStorage.Unknown) },
        { "one file of two containers of one machine", Boot1 + "type ext4\n", Boot1 + "type ext4\n", nameof(SameStorage.Same) },
        { "two files of two containers of one machine", Boot1 + "type ext4\n", "kernel 1f0c file 2049 18\ninode 18\ntype ext4\n", nameof(SameStorage.Separate) },
        { "one device of two containers of one machine", "kernel 1f0c device 8:0\n", "kernel 1f0c device 8:0\n", nameof(SameStorage.Same) },
        { "devices of one number on two machines", "kernel 1f0c device 8:0\n", "kernel 9e77 device 8:0\n", nameof(SameStorage.Unknown) },
        { "nothing that tells", "", "", nameof(SameStorage.Unknown) },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_identifies_storage_tells_whether_it_is_one(string what, string here, string there, string expected)
    {
        var (source, target) = (Identity(here), Identity(there));

        Assert.Equal((what, expected), (what, source.Compare(target).ToString()));
        Assert.Equal((what, expected), (what, target.Compare(source).ToString()));
    }

    [Fact]
    public void An_answer_that_was_cut_off_is_none()
    {
        Assert.Null(StorageMarks.Read("#\ninode 17\n", 2));
        Assert.Null(StorageMarks.Read("", 1));
    }

    [Theory]
    [InlineData("logical", "Yi4ZRm-5YFW-3d5d-9PCq-9Zau-vPNu-qgAWCm", "Yi4ZRm-5YFW-3d5d-9PCq-9Zau-vPNu-qgAWCm", nameof(SameStorage.Same))]
    [InlineData("logical", "Yi4ZRm-5YFW-3d5d-9PCq-9Zau-vPNu-qgAWCm", "aaaaaa-5YFW-3d5d-9PCq-9Zau-vPNu-qgAWCm", nameof(SameStorage.Separate))]
    [InlineData("iscsi", "36001405aaaaaaaaaaaaaaaa", "36001405aaaaaaaaaaaaaaaa", nameof(SameStorage.Same))]
    [InlineData("scsi", "36001405aaaaaaaaaaaaaaaa", "36001405bbbbbbbbbbbbbbbb", nameof(SameStorage.Separate))]
    [InlineData("mpath", "/dev/mapper/mpatha", "/dev/mapper/mpatha", nameof(SameStorage.Unknown))]
    [InlineData("disk", "/dev/sdb1", "/dev/sdb1", nameof(SameStorage.Unknown))]
    [InlineData("dir", "/vms/db.qcow2", "/vms/db.qcow2", nameof(SameStorage.Unknown))]
    public void Pools_tell_it_by_the_keys_of_their_volumes(string pool, string here, string there, string expected) =>
        Assert.Equal(expected, OfPool(pool, here).Compare(OfPool(pool, there)).ToString());

    [Fact]
    public void What_a_shell_says_and_what_a_pool_says_are_of_one_kind() => Assert.Equal(
        SameStorage.Same,
        OfPool("logical", "cccccc-cccc-cccc-cccc-cccc-cccc-cccccc").Compare(Identity($"dm LVM-{Lvm('a')}{Lvm('c')}\n")));

    [Fact]
    public void One_export_of_a_pool_is_one_file_and_another_may_be_the_same_by_another_name()
    {
        Assert.Equal(SameStorage.Same, Export("nas:/vms").Compare(Export("nas:/vms")));
        Assert.Equal(SameStorage.Unknown, Export("nas:/vms").Compare(Export("10.0.0.9:/vms")));

        static StorageIdentity Export(string source) =>
            new([.. StorageMarks.OfPool(StorageScene.Pool("netfs") with { Source = source }, StorageScene.Image, null)]);
    }

    [Theory]
    [InlineData("rbd vms/db @mon1", "rbd vms/db @mon1,mon2", nameof(SameStorage.Same))]
    [InlineData("rbd vms/db @mon1", "rbd vms/db @mon9", nameof(SameStorage.Unknown))]
    [InlineData("rbd vms/db", "rbd vms/db", nameof(SameStorage.Unknown))]
    [InlineData("rbd vms/db @mon1:6789", "rbd vms/db @mon1", nameof(SameStorage.Same))]
    [InlineData("rbd vms/db @mon1", "rbd vms/web @mon1", nameof(SameStorage.Separate))]
    [InlineData("iscsi iqn.2026-01.lab:db/1 @nas", "iscsi iqn.2026-01.lab:db/1 @10.0.0.9", nameof(SameStorage.Same))]
    [InlineData("nbd db @nas:10809", "nbd db @NAS:10809", nameof(SameStorage.Same))]
    [InlineData("nbd db @nas:10809", "nbd other @nas:10809", nameof(SameStorage.Separate))]
    [InlineData("nbd db @nas:10809", "nbd other @10.0.0.9:10809", nameof(SameStorage.Unknown))]
    [InlineData("nbd  @nas:10809", "nbd  @nas:10810", nameof(SameStorage.Unknown))]
    public void Network_disks_are_compared_by_name_and_servers(string here, string there, string expected) =>
        Assert.Equal(expected, StorageIdentity.CompareNetwork(Network(here), Network(there)).ToString());

    [Theory]
    [InlineData("iscsi", "nas:iqn.2026-01.lab:db", "nas:iqn.2026-01.lab:db", "unit:0:0:1", nameof(SameStorage.Same))]
    [InlineData("iscsi", "nas:iqn.2026-01.lab:db", "10.0.0.9:iqn.2026-01.lab:db", "unit:0:0:1", nameof(SameStorage.Unknown))]
    [InlineData("mpath", null, null, "dm-3", nameof(SameStorage.Unknown))]
    public void Volumes_without_a_path_are_compared_by_their_pools(string type, string? here, string? there, string volume, string expected)
    {
        var source = new DiskSource("volume", null, $"volume {volume} of pool san", "raw") { Pool = "san", Volume = volume };

        Assert.Equal(expected, StorageIdentity.CompareVolumes(Resolve(here), Resolve(there)).ToString());

        DiskSource Resolve(string? from)
        {
            var resolved = StoragePools.ResolveCopied(source, [StorageScene.Pool(type, "/dev/disk/by-path", "san") with { Source = from }]);
            Assert.Null(resolved.Path);
            return resolved;
        }
    }

    [Fact]
    public void An_image_of_ceph_has_one_name_whichever_pool_it_is_reached_by()
    {
        var volume = new DiskSource("volume", null, "volume db of pool images", "raw") { Pool = "images", Volume = "db" };

        var resolved = StoragePools.ResolveCopied(volume, [StorageScene.Pool("rbd", "/", "images") with { Source = "mon1,mon2:vms" }]);

        Assert.Equal(("network", "rbd vms/db"), (resolved.Type, resolved.Name));
        Assert.Equal(SameStorage.Same, StorageIdentity.CompareNetwork(resolved, Network("rbd vms/db @mon2:6789")));
    }

    private static StorageIdentity Identity(string said) => Assert.Single(StorageMarks.Read("#\n" + said, 1)!);

    private static StorageIdentity OfPool(string type, string key) => new(
        [.. StorageMarks.OfPool(StorageScene.Pool(type), StorageScene.Image, new(StorageScene.Image, "default", 8, 8) { Key = key })]);

    private static DiskSource Network(string text) => text.Split('@') is [var name, var hosts]
        ? new("network", null, name.Trim(), "raw") { Hosts = hosts.Split(',') }
        : new("network", null, text, "raw");

    private static string Lvm(char letter) => new(letter, 32);
}
