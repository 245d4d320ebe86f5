using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class AutoDestroyCheckTests
{
    [Theory]
    [InlineData(VmState.Running, true, ReadinessStatus.NotApplicable)]
    [InlineData(VmState.Running, false, ReadinessStatus.NotVerified)]
    [InlineData(VmState.ShutOff, true, ReadinessStatus.NotApplicable)]
    public async Task Whether_a_vm_ends_with_its_client_can_t_be_seen(VmState state, bool isPersistent, ReadinessStatus status)
    {
        var scene = new ReadinessScene();
        scene.Vm = scene.TestVm("db", state) with { IsPersistent = isPersistent };

        var check = await scene.CheckAsync<AutoDestroyCheck>();

        Assert.Equal((status, status == ReadinessStatus.NotVerified ? "domain is marked for auto destroy" : null), (check.Status, check.LibvirtError));
    }
}
