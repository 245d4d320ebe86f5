using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class TransientDisksCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("<transient/>", VmState.Running, ReadinessStatus.Failed)]
    [InlineData("", VmState.Running, ReadinessStatus.Passed)]
    [InlineData("<transient/>", VmState.ShutOff, ReadinessStatus.NotApplicable)]
    public async Task Disks_that_forget_keep_a_running_vm(string more, VmState state, ReadinessStatus expected)
    {
        _scene.Vm = _scene.TestVm("db", state);
        _scene.Definition = Storage.StorageScene.Disk(more: more);

        var check = await _scene.CheckAsync<TransientDisksCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Failed ? "migration with transient disk is not supported" : null, check.LibvirtError);
    }
}
