using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Capacity;

public sealed class VCpusCheckTests
{
    [Theory]
    [InlineData(8, ReadinessStatus.Passed)]
    [InlineData(9, ReadinessStatus.Warning)]
    public async Task More_processors_than_the_host_has_are_worth_a_warning(int count, ReadinessStatus status)
    {
        var scene = new ReadinessScene();
        scene.Vm = scene.Vm with { VCpuCount = count };

        var check = await scene.CheckAsync<VCpusCheck>();

        Assert.Equal(status, check.Status);
        Assert.Null(check.LibvirtError);
    }
}
