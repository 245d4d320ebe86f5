using VirtMigrate.Hosts;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class VmJobCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(null, false, ReadinessStatus.Passed, null)]
    [InlineData(null, true, ReadinessStatus.Warning, "cannot acquire state change lock")]
    [InlineData(JobOperation.Backup, false, ReadinessStatus.Failed, "cannot acquire state change lock")]
    [InlineData(JobOperation.MigrationOut, false, ReadinessStatus.Failed, "another migration job is already running for domain")]
    public async Task A_vm_has_one_job_at_a_time(JobOperation? operation, bool isHidden, ReadinessStatus status, string? error)
    {
        _scene.Source.Jobs[_scene.Vm.Uuid] = new(operation is { } known ? new() { Operation = known } : null, isHidden);

        var check = await _scene.CheckAsync<VmJobCheck>();

        Assert.Equal((status, error), (check.Status, check.LibvirtError));
    }

    [Fact]
    public async Task A_half_that_arrives_at_the_destination_is_a_job_as_well()
    {
        _scene.Source.Jobs[_scene.Vm.Uuid] = new(null);
        _scene.Destination.Vms.Add(_scene.Vm with { Status = new(VmState.Paused, 2) });
        _scene.Destination.Jobs[_scene.Vm.Uuid] = new(null, IsIncoming: true);

        var check = await _scene.CheckAsync<VmJobCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("According to 'kvm2', the VM is already migrating", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vm_that_is_shut_off_has_none()
    {
        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<VmJobCheck>()).Status);
    }
}
