using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CopyPoolsCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_pool_in_the_image_s_directory_is_where_libvirt_makes_it()
    {
        Copy();
        _scene.Destination.Fill(StorageScene.Pool());

        var check = await _scene.CheckAsync<CopyPoolsCheck>();

        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Contains("default", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_pool_a_missing_image_can_t_be_made()
    {
        Copy();
        _scene.Destination.Pools = [StorageScene.Pool(path: "/other", name: "other")];
        _scene.DestinationShell = Shell(isThere: false);

        var check = await _scene.CheckAsync<CopyPoolsCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("no storage pool with matching target path '/var/lib/libvirt/images'", check.LibvirtError);
        Assert.Contains("virsh -c qemu+tcp://kvm2/system pool-create-as migrated dir --target /var/lib/libvirt/images", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_pool_an_image_that_is_there_will_do()
    {
        Copy();
        _scene.Destination.Pools = [];
        _scene.DestinationShell = Shell(isThere: true);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CopyPoolsCheck>()).Status);
    }

    [Fact]
    public async Task Without_pool_and_shell_nobody_can_tell()
    {
        Copy();
        _scene.Destination.Pools = [];

        var check = await _scene.CheckAsync<CopyPoolsCheck>();

        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.Equal("no storage pool with matching target path '/var/lib/libvirt/images'", check.LibvirtError);
    }

    [Theory]
    [InlineData(true, ReadinessStatus.Failed)]
    [InlineData(false, ReadinessStatus.NotVerified)]
    public async Task A_pool_that_is_not_started_has_to_be(bool hasShell, ReadinessStatus expected)
    {
        Copy();
        _scene.Destination.Pools = [StorageScene.Pool(isActive: false)];
        _scene.DestinationShell = hasShell ? Shell(isThere: false) : null;

        var check = await _scene.CheckAsync<CopyPoolsCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains("pool-start default", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_copies_nothing_needs_no_pool()
    {
        _scene.Definition = StorageScene.Disk();

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CopyPoolsCheck>()).Status);
    }

    private static KnownShell Shell(bool isThere) => isThere
        ? new KnownShell().Answering("stat -L", $"regular file {StorageScene.Image}\n")
        : new KnownShell().Answering("stat -L", error: $"stat: cannot statx '{StorageScene.Image}': No such file or directory\n", exitCode: 1);

    private void Copy()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Measure(8, 8);
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");
    }
}
