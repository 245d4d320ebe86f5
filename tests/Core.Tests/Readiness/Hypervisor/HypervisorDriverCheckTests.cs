using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Hypervisor;

public sealed class HypervisorDriverCheckTests
{
    [Theory]
    [InlineData("QEMU", "QEMU", ReadinessStatus.Passed)]
    [InlineData("QEMU", "Xen", ReadinessStatus.Failed)]
    [InlineData("Xen", "Xen", ReadinessStatus.NotVerified)]
    public async Task Vms_move_between_hosts_of_one_driver(string source, string destination, ReadinessStatus status)
    {
        var scene = new ReadinessScene
        {
            Source = new(ReadinessScene.Host("kvm1") with { Hypervisor = source }),
            Destination = new(ReadinessScene.Host("kvm2") with { Hypervisor = destination }),
        };

        var check = await scene.CheckAsync<HypervisorDriverCheck>();

        Assert.Equal(status, check.Status);
        Assert.Equal([("kvm1", source), ("kvm2", destination)], check.Evidence.Select(e => (e.From, e.Value)));
    }
}
