using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Cpu;

public sealed class CpuInvtscCheckTests
{
    private const string Invariant = "<cpu mode='custom'><model>Skylake-Server</model><feature policy='require' name='invtsc'/></cpu>";
    private const string Frequency = "<clock offset='utc'><timer name='tsc' frequency='2500000000'/></clock>";
    private readonly ReadinessScene _scene = new();

    public CpuInvtscCheckTests()
    {
        _scene.Source.Capabilities = new HostXml { Cpu = "<model>Skylake-Server</model><feature name='invtsc'/>" }.ToString();
        _scene.Destination.Capabilities = new HostXml { Cpu = "<counter name='tsc' frequency='2500100000' scaling='no'/>" }.ToString();
    }

    [Fact]
    public async Task A_guest_without_it_has_nothing_to_look_at()
    {
        _scene.Definition = Domain("kvm", "<cpu mode='custom'><model>Skylake-Server</model><feature policy='disable' name='invtsc'/></cpu>");

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CpuInvtscCheck>()).Status);
    }

    [Theory]
    [InlineData("kvm", Invariant, "State blocked by non-migratable CPU device (invtsc flag)")]
    [InlineData("qemu", Invariant, "domain has 'invtsc' CPU feature but TSC frequency is not specified")]
    [InlineData("kvm", "<cpu mode='host-passthrough' migratable='off'/>", "State blocked by non-migratable CPU device (invtsc flag)")]
    public async Task Without_a_frequency_the_guest_can_t_move(string type, string cpu, string error)
    {
        _scene.Definition = Domain(type, cpu);

        var check = await _scene.CheckAsync<CpuInvtscCheck>();

        Assert.Equal((ReadinessStatus.Failed, error), (check.Status, check.LibvirtError));
        Assert.Contains("<timer name='tsc' frequency=", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<counter name='tsc' frequency='2500100000' scaling='no'/>", ReadinessStatus.Passed)]
    [InlineData("<counter name='tsc' frequency='3000000000' scaling='yes'/>", ReadinessStatus.Passed)]
    [InlineData("<counter name='tsc' frequency='3000000000' scaling='no'/>", ReadinessStatus.Failed)]
    [InlineData("", ReadinessStatus.NotVerified)]
    public async Task The_destination_must_give_the_guest_its_frequency(string counter, ReadinessStatus status)
    {
        _scene.Definition = Domain("kvm", Invariant + Frequency);
        _scene.Destination.Capabilities = new HostXml { Cpu = counter }.ToString();

        var check = await _scene.CheckAsync<CpuInvtscCheck>();

        Assert.Equal(status, check.Status);
        Assert.Equal(status == ReadinessStatus.Failed, check.LibvirtError?.Contains("TSC scaling is not supported", StringComparison.Ordinal) == true);
    }

    private static string Domain(string type, string more) => $"<domain type='{type}'><os><type arch='x86_64'>hvm</type></os>{more}</domain>";
}
