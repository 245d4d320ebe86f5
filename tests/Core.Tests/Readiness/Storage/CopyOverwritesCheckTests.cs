using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CopyOverwritesCheckTests
{
    private readonly ReadinessScene _scene = new();

    public CopyOverwritesCheckTests()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Measure(8L << 30, 4L << 30);
        _scene.Source.Pools = [];
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");
        Destination(StorageScene.Image);
        Volume(StorageScene.Image, allocation: 3L << 30);
    }

    [Fact]
    public async Task An_image_that_another_vm_names_is_refused_whatever_is_asked_for()
    {
        Define("o'ther", StorageScene.Disk());
        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true).With(MigrationOptions.Unsafe, true);

        var check = await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "vda (/var/lib/libvirt/images/db.qcow2) on kvm2 is used by the definition of another VM: 'o'ther'");

        Assert.True(check.ProtectsData);
        Assert.Contains($"domblklist {ShellWord.Quote("o'ther")}", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains("No option overrides this", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<disk type='file' device='cdrom'><source file='/var/lib/libvirt/images/db.qcow2'/><target dev='sda'/></disk>")]
    [InlineData("<disk type='file'><source file='/x'/><target dev='vda'/><backingStore type='file'><source file='/var/lib/libvirt/images/db.qcow2'/></backingStore></disk>")]
    [InlineData("<disk type='volume'><source pool='default' volume='db.qcow2'/><target dev='vda'/></disk>")]
    [InlineData("<disk type='file'><source file='/var/lib/libvirt/../libvirt/images//db.qcow2'/><target dev='vda'/></disk>")]
    [InlineData("<memory model='nvdimm'><source><path>/var/lib/libvirt/images/db.qcow2</path></source></memory>")]
    public async Task It_does_not_matter_how_it_names_it(string devices)
    {
        Define("other", devices);

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'other'");
    }

    [Fact]
    public async Task A_link_to_it_names_it_where_the_host_can_be_asked()
    {
        Define("other", StorageScene.Disk("/srv/link.qcow2"));
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "already holds data");

        _scene.AddDestinationShell().Answering("stat -L -c %t", $"0:0 2049:17 {StorageScene.Image}\n0:0 2049:17 /srv/link.qcow2\n");
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'other'");
    }

    [Fact]
    public async Task A_path_that_another_vm_names_is_its_own_even_if_nothing_is_there()
    {
        Destination();
        Define("other", StorageScene.Disk());

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'other'");
    }

    [Fact]
    public async Task What_other_images_lie_over_is_refused()
    {
        _scene.Destination.Volumes["/var/lib/libvirt/images/over.qcow2"] =
            new("/var/lib/libvirt/images/over.qcow2", "default", 8, 8) { BackingPath = StorageScene.Image };
        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true);

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "vda (/var/lib/libvirt/images/db.qcow2) on kvm2 is the backing file of '/var/lib/libvirt/images/over.qcow2'");
    }

    [Fact]
    public async Task Data_that_nobody_names_are_overwritten_on_request_only()
    {
        var check = await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "vda (/var/lib/libvirt/images/db.qcow2) on kvm2 already holds data, and no VM there uses it");
        Assert.Contains("vol-dumpxml --vol /var/lib/libvirt/images/db.qcow2", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains("-Overwrite", check.Recommendation, StringComparison.Ordinal);

        _scene.Options = _scene.Options.With(MigrationOptions.Unsafe, true).With(MigrationOptions.AssumeSeparateStorage, true);
        Assert.Equal(ReadinessStatus.Failed, (await _scene.CheckAsync<CopyOverwritesCheck>()).Status);

        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true);
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Warning, "because of -Overwrite");
    }

    [Theory]
    [InlineData("raw", 0, 8L << 30, true)]
    [InlineData("raw", 4096, 8L << 30, false)]
    [InlineData("qcow2", 200704, 196616L, true)]
    [InlineData("qcow2", 327680, 327680L, false)]
    [InlineData("qcow2", 0, null, false)]
    [InlineData("vmdk", 0, 0L, false)]
    public async Task An_image_that_was_made_for_it_and_holds_nothing_passes(string format, long allocation, long? length, bool isEmpty)
    {
        Volume(StorageScene.Image, allocation, format, length);

        await _scene.AssertAsync<CopyOverwritesCheck>(isEmpty ? ReadinessStatus.Passed : ReadinessStatus.Failed, isEmpty ? "are empty" : "already holds data");
    }

    [Fact]
    public async Task A_small_image_of_small_clusters_may_hold_data()
    {
        Volume(StorageScene.Image, 196608, cluster: 4096, length: 196608);

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "already holds data");
    }

    [Fact]
    public async Task A_device_that_the_host_uses_itself_is_refused()
    {
        _scene.Definition = StorageScene.Block("/dev/sdb");
        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true);
        _scene.AddDestinationShell().Answering("stat -L -c %F", "block special file /dev/sdb\n").Answering("stat -L -c %t", "8:16 6:90 /dev/sdb\n")
            .Answering("lsblk", "sdb \nsdb1 /srv\nvg0-web \n");

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "kvm2 itself uses: 'mounted at /srv, sdb1, vg0-web'");
    }

    [Fact]
    public async Task A_device_may_be_another_vm_s_by_another_name_where_the_host_can_t_be_asked()
    {
        _scene.Definition = StorageScene.Block("/dev/sdb");
        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true);
        Define("other", StorageScene.Block("/dev/disk/by-id/scsi-36001405"));

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "because of 'VM other'");

        // Logical volumes have few names.
        _scene.Destination.Definitions.Clear();
        _scene.Definition = StorageScene.Block("/dev/vg0/db");
        Define("other", StorageScene.Block("/dev/mapper/vg0-web"));
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Warning, "because of -Overwrite");
    }

    [Fact]
    public async Task Where_the_host_does_not_say_which_files_are_meant_it_is_not_verified()
    {
        Define("other", StorageScene.Disk("/srv/link.qcow2"));
        _scene.AddDestinationShell();

        await Assert.ThrowsAsync<HypervisorException>(() => _scene.CheckAsync<CopyOverwritesCheck>());
    }

    [Fact]
    public async Task A_vm_of_the_same_command_that_has_arrived_does_not_hold_up_the_next()
    {
        Destination();
        _scene.Ahead.Add(_scene.TestVm("gone", VmState.Running));

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Passed, "do not exist on kvm2 yet");
    }

    [Fact]
    public async Task What_qemu_is_handed_as_it_is_names_it_too()
    {
        Define("other", $"<x/></devices><commandline xmlns='http://libvirt.org/schemas/domain/qemu/1.0'><arg value='if=none,file={StorageScene.Image},id=x'/></commandline><devices>");

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'other'");
    }

    [Fact]
    public async Task What_the_vm_left_there_itself_is_overwritten_and_said()
    {
        _scene.Destination.Definitions[_scene.Vm.Uuid] = Domain("db", _scene.Vm.Uuid, StorageScene.Disk());

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Warning, "The copy overwrites vda (/var/lib/libvirt/images/db.qcow2) on kvm2. Only the definition of 'db' there uses it");

        // Unless somebody else names it, too.
        Define("other", StorageScene.Disk());
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'other'");
    }

    [Fact]
    public async Task What_can_t_be_seen_may_hold_data()
    {
        _scene.Destination.Pools = [];
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "Can't tell from here");

        _scene.Options = _scene.Options.With(MigrationOptions.Overwrite, true);
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Warning, "because of -Overwrite");
    }

    [Fact]
    public async Task Two_vms_of_one_command_do_not_go_into_one_image()
    {
        Destination();
        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Passed, "do not exist on kvm2 yet");

        var first = _scene.TestVm("web", VmState.Running);
        _scene.Ahead.Add(first);
        _scene.Source.Definitions[first.Uuid] = Domain("web", first.Uuid, StorageScene.Disk());
        _scene.Source.Inspections[first.Uuid] = new(first.Uuid);

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'web of kvm1'");
    }

    [Fact]
    public async Task A_network_disk_that_another_vm_names_is_refused()
    {
        const string Ceph = "<disk type='network'><source protocol='rbd' name='vms/db'><host name='mon1'/></source><target dev='vda'/></disk>";
        _scene.Definition = Ceph;
        Define("other", Ceph);

        await _scene.AssertAsync<CopyOverwritesCheck>(ReadinessStatus.Failed, "'other'");
    }

    [Fact]
    public async Task A_vm_that_copies_nothing_or_is_shut_off_overwrites_nothing()
    {
        _scene.Options = _scene.Options.With(MigrationOptions.MigrateDisk, "vdb");
        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CopyOverwritesCheck>()).Status);
    }

    [Theory]
    [InlineData("/dev/mapper/vg0-db", "/dev/vg0/db")]
    [InlineData("/dev/mapper/my--vg-my--db", "/dev/my-vg/my-db")]
    [InlineData("/dev/mapper/mpatha", "/dev/mapper/mpatha")]
    [InlineData("/vms//a/../db.qcow2/", "/vms/db.qcow2")]
    public void A_logical_volume_has_two_names(string path, string plain) => Assert.Equal(plain, ImageClaims.Plain(path));

    private void Destination(params string[] images)
    {
        _scene.Destination.Pools = null;
        _scene.Destination.Fill(StorageScene.Pool(), images);
    }

    private void Volume(string path, long allocation, string format = "qcow2", long? length = 3L << 30, long cluster = 65536) =>
        _scene.Destination.Volumes[path] = new(path, "default", 8L << 30, allocation) { Format = format, Physical = length, ClusterSize = cluster };

    private void Define(string name, string devices)
    {
        var uuid = Guid.NewGuid();
        _scene.Destination.Definitions[uuid] = Domain(name, uuid, devices);
    }

    private static string Domain(string name, Guid uuid, string devices) =>
        $"<domain type='kvm'><name>{name}</name><uuid>{uuid}</uuid><devices>{devices}</devices></domain>";
}
