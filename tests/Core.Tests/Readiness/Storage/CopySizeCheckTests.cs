using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CopySizeCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(8L << 20, ReadinessStatus.Passed)]
    [InlineData(4L << 20, ReadinessStatus.Failed)]
    [InlineData(16L << 20, ReadinessStatus.Failed)]
    public async Task The_image_at_the_destination_must_have_the_same_size(long size, ReadinessStatus expected)
    {
        Copy();
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);
        _scene.Destination.Volumes[StorageScene.Image] = new(StorageScene.Image, "default", size, 0);

        var check = await _scene.CheckAsync<CopySizeCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2" } && e.Value.Equals($"{size} bytes", StringComparison.Ordinal));
        Assert.Contains(check.Evidence, e => e is { From: "kvm1", Value: "8388608 bytes" });
        Assert.Equal(expected == ReadinessStatus.Failed ? "Source and target image have different sizes" : null, check.LibvirtError);
    }

    [Fact]
    public async Task An_image_that_is_made_has_the_right_size()
    {
        Copy();
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CopySizeCheck>()).Status);
    }

    [Fact]
    public async Task A_size_that_nobody_tells_is_not_verified()
    {
        Copy();
        _scene.Destination.Fill(StorageScene.Pool(), StorageScene.Image);

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<CopySizeCheck>()).Status);
    }

    private void Copy()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Measure(8 << 20, 1 << 20);
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");
    }
}
