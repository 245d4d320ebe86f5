using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose disks the destination lacks.</summary>
public sealed class StorageFailureTests(LabFixture lab) : FailureTest(lab)
{
    private const string Image = Images + "/empty.raw";
    private const string Iso = Images + "/empty.iso";

    [Fact]
    public async Task A_disk_that_only_the_source_has()
    {
        await using var vm = await StartWithDiskAsync();

        AssertFails(string.Empty, "StorageNotShared", ErrorCategory.InvalidOperation, "Migration without shared storage is unsafe", "-CopyStorage All",
            check: "SharedStorage");
        var result = AssertFails("-Unsafe -Confirm:$false", "DiskMissingOnDestination", ErrorCategory.ObjectNotFound, $"Cannot access storage file '{Image}'", Image,
            check: "DiskImages");
        AssertFails("-CopyStorage All -MigrateDisk vdz -Unsafe -Confirm:$false", "DiskTargetUnknown", ErrorCategory.InvalidArgument, "disk target vdz not found", "domblklist",
            check: "MigrateDisks");
        AssertFails("-CopyStorage Incremental", "CopyTargetMissing", ErrorCategory.ObjectNotFound, "pre-creation of storage targets", "-CopyStorage All",
            check: "CopyTargets");
        Assert.Equal("Destination", result.All("Errors")[0].Text("End"));
        AssertPasses("SharedStorage", "-CopyStorage All");
        AssertPasses("CopyPools", "-CopyStorage All");
        AssertPasses("CopySpace", "-CopyStorage All");
    }

    [Fact]
    public async Task A_copy_for_which_the_destination_has_no_pool()
    {
        await using var vm = await StartWithDiskAsync();
        Assert.Contains("destroyed", await Lab.VirshAsync(Lab.Host2, "pool-destroy", "default"), StringComparison.Ordinal);
        try
        {
            // Without a pool nobody tells what is there.
            AssertFails("-CopyStorage All -Overwrite -AssumeSeparateStorage -Confirm:$false", "StoragePoolMissing", ErrorCategory.ObjectNotFound,
                "no storage pool with matching target path", $"pool-create-as migrated dir --target {Images}");
        }
        finally
        {
            await Lab.VirshAsync(Lab.Host2, "pool-start", "default");
        }
    }

    [Fact]
    public async Task A_copy_whose_port_is_taken()
    {
        await using var vm = await StartWithDiskAsync();
        Session.Set("address", Lab.Host2.Address);

        // Where the destination's daemon listens for encrypted connections.
        AssertFails("-CopyStorage All -DisksPort 16514 -ListenAddress $address", "MigrationPortTaken", ErrorCategory.ResourceBusy,
            "Address already in use", "-DisksPort", canRetry: true, check: "DisksPort");
    }

    [Fact]
    public async Task A_copy_into_an_image_of_another_size()
    {
        await using var vm = await StartWithDiskAsync();
        await using var change = await ChangeAsync(Lab.Host2, $"truncate -s 4M {Image}", $"rm -f {Image}");

        AssertFails("-CopyStorage All -AssumeSeparateStorage -Confirm:$false", "DiskSizeMismatch", ErrorCategory.InvalidData, "have different sizes", "qemu-img resize", check: "CopySize");
    }

    [Fact]
    public async Task A_copy_for_which_the_destination_has_no_room()
    {
        await using var vm = await StartWithDiskAsync();

        // The pool may remember an image of that name from before.
        const string Look = "virsh -q pool-refresh default";
        await using var change = await ChangeAsync(Lab.Host2, $"mount -t tmpfs -o size=1m none {Images}; {Look}", $"umount {Images}\n{Look}");

        AssertFails("-CopyStorage All", "DestinationStorageFull", ErrorCategory.ResourceUnavailable, "No space left on device", "pool-list --details", check: "CopySpace");
    }

    [Fact]
    public async Task An_image_in_a_cd_drive_that_only_the_source_has()
    {
        await File.WriteAllTextAsync(On(Lab.Host1, Iso), new string('x', 4096), TestContext.Current.CancellationToken);
        await using var vm = await StartAsync(EmptyVmSetting.Cdrom(Iso));

        AssertFails(string.Empty, "CdromMissingOnDestination", ErrorCategory.ObjectNotFound, $"Cannot access storage file '{Iso}'", "--eject",
            check: "CdromImages");
        File.Copy(On(Lab.Host1, Iso), On(Lab.Host2, Iso), overwrite: true);
        AssertFails("-CopyStorage All -MigrateDisk hda", "DiskNotCopyable", ErrorCategory.InvalidArgument, "read-only disk hda", "-MigrateDisk",
            check: "MigrateDisks");
        AssertPasses("CdromImages");
        File.Delete(On(Lab.Host1, Iso));
        File.Delete(On(Lab.Host2, Iso));
    }

    [Fact]
    public async Task A_disk_with_an_error_stops_a_migration_that_is_to_stop_at_one()
    {
        var file = Path.Combine(Lab.Shared, "writer.raw");
        await File.WriteAllBytesAsync(file, WritingBootSector(), TestContext.Current.CancellationToken);
        await using var change = await ChangeAsync(Lab.Host1,
            $"mount -t tmpfs -o size=4k none {Images}; cp --sparse=always '{file}' {Image}; truncate -s 8M {Image}", $"umount {Images}\nrm '{file}'");
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Image).Replace(" cache=\"none\"", string.Empty, StringComparison.Ordinal));
        await EventuallyAsync("the VM stands still for its disk", async () =>
            (await Lab.VirshAsync(Lab.Host1, "domstate", EmptyVm.Name, "--reason")).Contains("I/O error", StringComparison.Ordinal));

        AssertFails("-AbortOnError", "DiskIoError", ErrorCategory.ReadError, "cannot migrate domain with I/O error", "domblkerror");
    }

    // Writes one sector at 64 KiB by the BIOS (int 13h, function 43h) and loops; the file system has no room for it.
    private static byte[] WritingBootSector()
    {
        var sector = new byte[512];
        Convert.FromHexString("31C08ED8B80043BE107CCD13EBFE").CopyTo(sector, 0);
        Convert.FromHexString("10000100008000008000000000000000").CopyTo(sector, 16);
        Convert.FromHexString("55AA").CopyTo(sector, 510);
        return sector;
    }

    private async Task<IAsyncDisposable> StartWithDiskAsync()
    {
        File.Delete(On(Lab.Host2, Image));
        await using (var image = File.Create(On(Lab.Host1, Image)))
        {
            image.SetLength(8 << 20);
        }

        return await StartAsync(EmptyVmSetting.Disk(Image));
    }
}
