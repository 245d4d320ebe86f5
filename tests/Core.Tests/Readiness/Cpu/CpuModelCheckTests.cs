using VirtMigrate.Readiness;
using VirtMigrate.Xml;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Cpu;

public sealed class CpuModelCheckTests
{
    private const string Skylake = "<model>Skylake-Server</model><vendor>Intel</vendor><microcode version='42'/><feature name='avx512f'/>";
    private static readonly CpuComparison Fits = new(CpuComparisonResult.Superset, null);
    private readonly ReadinessScene _scene = new();

    public CpuModelCheckTests()
    {
        _scene.Definition = Domain("<cpu mode='custom' match='exact' check='full'><model>Skylake-Server</model><vendor>Intel</vendor></cpu>");
        _scene.Source.Capabilities = new HostXml { Cpu = Skylake }.ToString();
        _scene.Destination.Capabilities = new HostXml { Cpu = Skylake }.ToString();
        _scene.Source.Cpu = (_, _) => Fits;
        _scene.Destination.Cpu = (_, _) => Fits;
    }

    [Fact]
    public async Task A_hypervisor_with_all_features_passes()
    {
        string? compared = null;
        _scene.Destination.Cpu = (_, cpu) =>
        {
            compared = cpu;
            return Fits;
        };

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CpuModelCheck>()).Status);
        Assert.DoesNotContain("vendor", compared, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_that_the_destination_lacks_are_named()
    {
        _scene.Destination.Cpu = (_, _) => Lacks("vmx-rdrand-exit, avx512f");

        var check = await _scene.CheckAsync<CpuModelCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("vmx-rdrand-exit, avx512f", check.Message, StringComparison.Ordinal);
        Assert.Equal("guest CPU doesn't match specification", check.LibvirtError);
        Assert.Contains("hypervisor-cpu-baseline", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Features_that_the_source_lacks_as_well_are_none_that_the_guest_has()
    {
        _scene.Source.Cpu = (_, _) => Lacks("vmx-rdrand-exit");
        _scene.Destination.Cpu = (_, _) => Lacks("vmx-rdrand-exit");

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<CpuModelCheck>()).Status);

        _scene.Destination.Cpu = (_, _) => Lacks("vmx-rdrand-exit, avx512f");

        var check = await _scene.CheckAsync<CpuModelCheck>();
        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.DoesNotContain("vmx-rdrand-exit", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_guest_that_nobody_holds_to_its_processor_moves_and_loses_features()
    {
        _scene.Definition = Domain("<cpu mode='custom' check='none'><model>Skylake-Server</model></cpu>");
        _scene.Destination.Cpu = (_, _) => Lacks("avx512f");

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<CpuModelCheck>()).Status);
    }

    [Fact]
    public async Task A_model_that_the_destination_does_not_know_fails()
    {
        _scene.Destination.Cpu = (_, _) => throw HostXml.Refusal("internal error: Unknown CPU model GraniteRapids");

        var check = await _scene.CheckAsync<CpuModelCheck>();

        Assert.Equal((ReadinessStatus.Failed, "internal error: Unknown CPU model GraniteRapids"), (check.Status, check.LibvirtError));
    }

    [Fact]
    public async Task A_host_of_another_vendor_is_worth_a_warning()
    {
        _scene.Destination.Capabilities = new HostXml { Cpu = "<model>EPYC</model><vendor>AMD</vendor>" }.ToString();

        var check = await _scene.CheckAsync<CpuModelCheck>();

        Assert.Equal(ReadinessStatus.Warning, check.Status);
        Assert.Contains("AMD", check.Message, StringComparison.Ordinal);

        _scene.Definition = Domain("<cpu mode='custom' check='full'><model>EPYC</model><vendor>Intel</vendor></cpu>")
            .Replace("'kvm'", "'qemu'", StringComparison.Ordinal);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CpuModelCheck>()).Status);
    }

    [Theory]
    [InlineData(Skylake, ReadinessStatus.Passed, "same CPU")]
    [InlineData("<model>Skylake-Server</model><vendor>Intel</vendor><microcode version='42'/>", ReadinessStatus.Warning, "avx512f")]
    [InlineData("<model>Skylake-Server</model><vendor>Intel</vendor><microcode version='43'/><feature name='avx512f'/>", ReadinessStatus.Warning, "microcode 43")]
    [InlineData("<model>EPYC</model><vendor>AMD</vendor>", ReadinessStatus.Warning, "EPYC")]
    [InlineData("", ReadinessStatus.NotVerified, "'kvm2' does not report its CPU model")]
    public async Task The_host_s_own_processor_is_compared_with_the_other_host_s(string cpu, ReadinessStatus status, string message)
    {
        _scene.Definition = Domain("<cpu mode='host-passthrough' check='none' migratable='on'/>");
        _scene.Destination.Capabilities = new HostXml { Cpu = cpu }.ToString();

        var check = await _scene.CheckAsync<CpuModelCheck>();

        Assert.Equal(status, check.Status);
        Assert.Contains(message, check.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.2.0", ReadinessStatus.Passed)]
    [InlineData("8.0.0", ReadinessStatus.Warning)]
    public async Task The_emulator_s_best_processor_is_another_one_in_another_version(string qemu, ReadinessStatus status)
    {
        _scene.Definition = Domain("<cpu mode='maximum' check='none'/>").Replace("'kvm'", "'qemu'", StringComparison.Ordinal);
        _scene.Destination = new(_scene.Destination.Host with { HypervisorVersion = Version.Parse(qemu) });

        Assert.Equal(status, (await _scene.CheckAsync<CpuModelCheck>()).Status);
    }

    [Fact]
    public async Task A_guest_without_a_processor_of_its_own_has_none_to_compare()
    {
        _scene.Definition = Domain("<cpu><topology sockets='1' cores='2' threads='1'/></cpu>");

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CpuModelCheck>()).Status);
    }

    private static CpuComparison Lacks(string features) =>
        new(CpuComparisonResult.Incompatible, $"the CPU is incompatible with host CPU: Host CPU does not provide required features: {features}");

    private static string Domain(string cpu) => $"<domain type='kvm'><os><type arch='x86_64' machine='pc'>hvm</type></os>{cpu}</domain>";
}
