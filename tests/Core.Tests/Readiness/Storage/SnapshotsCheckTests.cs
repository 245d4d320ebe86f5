using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class SnapshotsCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(VmState.Running)]
    [InlineData(VmState.ShutOff)]
    public async Task Snapshots_keep_a_vm_where_it_is_running_or_not(VmState state)
    {
        _scene.Vm = _scene.TestVm("db", state);
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid) { HasSnapshots = true };
        _scene.Source.Snapshots[_scene.Vm.Uuid] = 2;

        var check = await _scene.CheckAsync<SnapshotsCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("cannot migrate domain with 2 snapshots", check.LibvirtError);
        Assert.Contains("snapshot-delete db NAME", check.Recommendation, StringComparison.Ordinal);
        Assert.Equal("2", Assert.Single(check.Evidence).Value);
    }

    [Fact]
    public async Task A_vm_without_them_is_not_asked_for_their_number()
    {
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<SnapshotsCheck>()).Status);
    }
}
