using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CopySpaceCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("raw", 9, ReadinessStatus.Passed)]
    [InlineData("raw", 7, ReadinessStatus.Failed)]
    [InlineData("qcow2", 7, ReadinessStatus.Warning)]
    [InlineData("qcow2", 1, ReadinessStatus.Failed)]
    public async Task Raw_images_take_their_room_at_once_and_others_as_they_are_filled(string format, long available, ReadinessStatus expected)
    {
        Copy(_scene.Vm, format);
        _scene.Destination.Fill(StorageScene.Pool(available: available << 20));

        var check = await _scene.CheckAsync<CopySpaceCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2" } && e.Value.Equals($"{available} MiB available", StringComparison.Ordinal));
        Assert.Equal(expected == ReadinessStatus.Failed ? "No space left on device" : null, check.LibvirtError);
    }

    [Fact]
    public async Task The_vms_before_it_in_the_batch_take_their_share()
    {
        var first = _scene.TestVm("first", VmState.Running);
        _scene.Ahead.Add(first);
        Copy(_scene.Vm, "raw");
        Copy(first, "raw", "/first.raw");
        _scene.Destination.Fill(StorageScene.Pool(available: 12 << 20));

        var check = await _scene.CheckAsync<CopySpaceCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("need 16 MiB", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_there_already_takes_no_room()
    {
        Copy(_scene.Vm, "raw");
        _scene.Destination.Fill(StorageScene.Pool(available: 0), StorageScene.Image);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CopySpaceCheck>()).Status);
    }

    [Fact]
    public async Task A_disk_of_unknown_size_is_not_verified()
    {
        Copy(_scene.Vm, "raw");
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid);
        _scene.Destination.Fill(StorageScene.Pool());

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<CopySpaceCheck>()).Status);
    }

    private void Copy(Vm vm, string format, string path = "/db.qcow2")
    {
        _scene.Source.Definitions[vm.Uuid] = $"<domain><devices>{StorageScene.Disk(StorageScene.Images + path, format: format)}</devices></domain>";
        _scene.Source.Inspections[vm.Uuid] = new(vm.Uuid) { Images = [new("vda", 0, null, 8 << 20, 2 << 20)] };
        _scene.Options = _scene.Options.With(MigrationOptions.CopyStorage, "All");
    }
}
