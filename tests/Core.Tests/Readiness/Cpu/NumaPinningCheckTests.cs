using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Cpu;

public sealed class NumaPinningCheckTests
{
    [Theory]
    [InlineData("", ReadinessStatus.NotApplicable, null)]
    [InlineData("<numatune><memory mode='strict' nodeset='0-1'/></numatune>", ReadinessStatus.Passed, null)]
    [InlineData("<numatune><memory mode='strict' nodeset='1-3'/></numatune>", ReadinessStatus.Failed, "NUMA node 2 is unavailable")]
    [InlineData("<numatune><memory mode='preferred' nodeset='0'/><memnode cellid='0' mode='strict' nodeset='7'/></numatune>", ReadinessStatus.Failed,
        "NUMA node 7 is unavailable")]
    public async Task The_cells_that_memory_is_bound_to_must_be_there(string binding, ReadinessStatus status, string? error)
    {
        var scene = new ReadinessScene { Definition = $"<domain type='kvm'><os><type arch='x86_64'>hvm</type></os>{binding}</domain>" };
        scene.Destination.Capabilities = new HostXml { Cells = 2 }.ToString();

        var check = await scene.CheckAsync<NumaPinningCheck>();

        Assert.Equal((status, error), (check.Status, check.LibvirtError));
    }
}
