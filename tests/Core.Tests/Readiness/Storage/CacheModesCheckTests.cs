using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CacheModesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("none", 7, ReadinessStatus.Passed)]
    [InlineData("directsync", 3, ReadinessStatus.Passed)]
    [InlineData("default", 7, ReadinessStatus.Passed)]
    [InlineData("writeback", 7, ReadinessStatus.Warning)]
    [InlineData("default", 3, ReadinessStatus.Failed)]
    [InlineData("writethrough", 3, ReadinessStatus.Failed)]
    public async Task Only_old_hypervisors_mind_a_cache(string cache, int qemu, ReadinessStatus expected)
    {
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = new(qemu, 0) });
        _scene.Definition = StorageScene.Disk(cache: cache);

        var check = await _scene.CheckAsync<CacheModesCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains(check.Evidence, e => e.Value.Equals($"vda: {cache}", StringComparison.Ordinal));
        Assert.Equal(expected == ReadinessStatus.Failed ? "Migration may lead to data corruption if disks use cache other than none or directsync" : null, check.LibvirtError);
    }

    [Fact]
    public async Task Copied_and_shareable_disks_do_not_count()
    {
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = new(3, 0) });
        _scene.Definition = StorageScene.Disk(cache: "writeback") + StorageScene.Disk("/a", "<shareable/>", "vdb", cache: "writeback");
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CacheModesCheck>()).Status);
    }

    [Fact]
    public async Task Who_says_unsafe_is_warned()
    {
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = new(3, 0) });
        _scene.Definition = StorageScene.Disk(cache: "writeback");
        _scene.Options = _scene.Options.With(MigrationOptions.Unsafe, true);

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<CacheModesCheck>()).Status);
    }
}
