using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class NvmeDisksCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(null, ReadinessStatus.Failed)]
    [InlineData("Unsafe", ReadinessStatus.NotVerified)]
    [InlineData("CopyStorage", ReadinessStatus.NotVerified)]
    public async Task An_nvme_drive_is_in_one_host(string? option, ReadinessStatus expected)
    {
        _scene.Definition = "<disk type='nvme' device='disk'><driver name='qemu' type='raw'/><source type='pci' managed='yes' namespace='1'>" +
            "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><target dev='vda'/></disk>";
        _scene.Options = option switch
        {
            "Unsafe" => _scene.Options.With(MigrationOptions.Unsafe, true),
            "CopyStorage" => _scene.Options.With(MigrationOptions.CopyStorage, "All"),
            _ => _scene.Options,
        };

        var check = await _scene.CheckAsync<NvmeDisksCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains("namespace 1 of 0000:01:00.0", check.Message, StringComparison.Ordinal);
        Assert.Equal(expected == ReadinessStatus.Failed ? "Migration without shared storage is unsafe" : null, check.LibvirtError);
    }

    [Fact]
    public async Task Most_vms_have_none()
    {
        _scene.Definition = Storage.StorageScene.Disk();

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<NvmeDisksCheck>()).Status);
    }
}
