using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class MigrateDisksCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("vda", ReadinessStatus.Passed, null)]
    [InlineData("vdz", ReadinessStatus.Failed, "disk target vdz not found")]
    [InlineData("sda", ReadinessStatus.Failed, "Cannot migrate empty or read-only disk sda")]
    public async Task Only_disks_of_the_vm_that_it_writes_to_can_be_copied(string target, ReadinessStatus expected, string? error)
    {
        _scene.Definition = StorageScene.Disk() + StorageScene.Cdrom("/iso/a.iso");
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All").With(MigrationOptions.MigrateDisk, new[] { target });

        var check = await _scene.CheckAsync<MigrateDisksCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(error, check.LibvirtError);
        Assert.Contains("vda", Assert.Single(check.Evidence).Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_libvirt_chooses_nothing_can_be_wrong()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<MigrateDisksCheck>()).Status);
    }
}
