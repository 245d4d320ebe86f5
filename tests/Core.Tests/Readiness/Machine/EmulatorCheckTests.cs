using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Machine;

public sealed class EmulatorCheckTests
{
    private const string Rhel = "/usr/libexec/qemu-kvm";
    private readonly ReadinessScene _scene = new();

    public EmulatorCheckTests()
    {
        _scene.Definition = Domain(Rhel);
        _scene.Destination.Capabilities = new HostXml().ToString();
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal($"Cannot check QEMU binary {Rhel}: No such file or directory");
    }

    [Fact]
    public async Task An_emulator_that_is_elsewhere_there_fails_with_its_place()
    {
        var check = await _scene.CheckAsync<EmulatorCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal($"Cannot check QEMU binary {Rhel}", check.LibvirtError);
        Assert.Contains($"<emulator>{HostXml.Emulator}</emulator>", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_definition_for_the_destination_is_what_counts()
    {
        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.DestinationXml, new MigrationXml(Domain(HostXml.Emulator)));

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<EmulatorCheck>()).Status);
    }

    [Fact]
    public async Task An_emulator_that_answers_is_there()
    {
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal("the machine 'pc-q35-7.2' is not supported by emulator");

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<EmulatorCheck>()).Status);
    }

    [Fact]
    public async Task An_emulator_that_does_not_run_fails_with_libvirt_s_words()
    {
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal("QEMU is broken");

        var check = await _scene.CheckAsync<EmulatorCheck>();

        Assert.Equal((ReadinessStatus.Failed, "QEMU is broken"), (check.Status, check.LibvirtError));
    }

    private static string Domain(string emulator) =>
        $"<domain type='kvm'><os><type arch='x86_64' machine='q35'>hvm</type></os><devices><emulator>{emulator}</emulator></devices></domain>";
}
