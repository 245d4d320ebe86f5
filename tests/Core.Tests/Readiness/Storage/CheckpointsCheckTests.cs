using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class CheckpointsCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(true, ReadinessStatus.Warning)]
    [InlineData(false, ReadinessStatus.Passed)]
    public async Task Checkpoints_stay_behind(bool has, ReadinessStatus expected)
    {
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid) { HasCheckpoints = has };

        var check = await _scene.CheckAsync<CheckpointsCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Null(check.LibvirtError);
    }

    [Theory]
    [InlineData(false, "The VM's checkpoints stay on 'kvm1'.")]
    [InlineData(true, "With -UndefineSource 'kvm1' drops the VM's checkpoints with its definition.")]
    public async Task What_becomes_of_them_is_said_with_how_to_take_them_along(bool undefine, string message)
    {
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid) { HasCheckpoints = true };

        var check = await _scene.With(MigrationOptions.UndefineSource, undefine).AssertAsync<CheckpointsCheck>(ReadinessStatus.Warning, message);

        Assert.Contains("virsh -c qemu+tcp://kvm1/system checkpoint-dumpxml db NAME > NAME.xml", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains("virsh -c qemu+tcp://kvm2/system checkpoint-create db NAME.xml --redefine", check.Recommendation, StringComparison.Ordinal);
    }
}
