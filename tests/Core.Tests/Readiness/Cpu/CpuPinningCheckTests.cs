using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Cpu;

public sealed class CpuPinningCheckTests
{
    [Theory]
    [InlineData("", ReadinessStatus.NotApplicable, null)]
    [InlineData("<vcpu placement='static' cpuset='0-7,^3'>2</vcpu>", ReadinessStatus.Passed, null)]
    [InlineData("<cputune><vcpupin vcpu='1' cpuset='8-11'/></cputune>", ReadinessStatus.Failed, "vCPU 1 to 8-11")]
    [InlineData("<cputune><emulatorpin cpuset='9'/><vcpupin vcpu='0' cpuset='1'/></cputune>", ReadinessStatus.Failed, "the emulator's threads to 9")]
    [InlineData("<cputune><iothreadpin iothread='1' cpuset='6-9'/></cputune>", ReadinessStatus.Warning, "I/O thread 1 to 6-9")]
    public async Task The_processors_that_threads_are_bound_to_must_be_there(string binding, ReadinessStatus status, string? message)
    {
        var scene = new ReadinessScene { Definition = $"<domain type='kvm'><os><type arch='x86_64'>hvm</type></os>{binding}</domain>" };
        scene.Destination.Capabilities = new HostXml { Processors = 8 }.ToString();

        var check = await scene.CheckAsync<CpuPinningCheck>();

        Assert.Equal(status, check.Status);
        Assert.Contains(message ?? string.Empty, check.Message, StringComparison.Ordinal);
        Assert.Equal(status == ReadinessStatus.Failed ? "cannot set CPU affinity on process" : null, status == ReadinessStatus.Warning ? null : check.LibvirtError);
    }

    [Fact]
    public async Task A_host_that_does_not_list_its_processors_can_t_be_judged()
    {
        var scene = new ReadinessScene { Definition = "<domain type='kvm'><os><type arch='x86_64'>hvm</type></os><vcpu cpuset='0'>1</vcpu></domain>" };
        scene.Destination.Capabilities = new HostXml { Processors = 0 }.ToString();

        Assert.Equal(ReadinessStatus.NotVerified, (await scene.CheckAsync<CpuPinningCheck>()).Status);
    }
}
