using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class BlockJobsCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_job_on_a_disk_stops_the_vm()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.BlockJobs[_scene.Vm.Uuid] = [new("vda", "Block Copy", 3, 8)];

        var check = await _scene.CheckAsync<BlockJobsCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("domain has active block job", check.LibvirtError);
        Assert.Contains("Block Copy of vda", check.Message, StringComparison.Ordinal);
        Assert.Contains("virsh -c qemu+tcp://kvm1/system blockjob db vda --abort", check.Recommendation, StringComparison.Ordinal);
        Assert.Equal("vda: Block Copy, 3 of 8 bytes", Assert.Single(check.Evidence).Value);
    }

    [Fact]
    public async Task No_job_passes()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.BlockJobs[_scene.Vm.Uuid] = [];

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<BlockJobsCheck>()).Status);
    }

    [Fact]
    public async Task A_vm_that_can_t_be_asked_is_not_verified()
    {
        _scene.Definition = StorageScene.Disk();
        _scene.Source.BlockJobs[_scene.Vm.Uuid] = null;

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<BlockJobsCheck>()).Status);
    }

    [Fact]
    public async Task A_vm_that_is_shut_off_has_none()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<BlockJobsCheck>()).Status);
    }
}
