using VirtMigrate.Model;
using VirtMigrate.Readiness.Checks;
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
}
