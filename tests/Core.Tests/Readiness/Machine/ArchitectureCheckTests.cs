using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Machine;

public sealed class ArchitectureCheckTests
{
    private readonly ReadinessScene _scene = new() { Definition = string.Empty };

    [Fact]
    public async Task A_destination_with_an_emulator_for_it_passes()
    {
        _scene.Destination.Capabilities = new HostXml().ToString();

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<ArchitectureCheck>()).Status);
    }

    [Fact]
    public async Task A_destination_for_other_guests_fails()
    {
        _scene.Destination.Capabilities = new HostXml { Architecture = "aarch64" }.ToString();
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal($"Cannot check QEMU binary {HostXml.Emulator}: No such file or directory");

        var check = await _scene.CheckAsync<ArchitectureCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal($"Cannot check QEMU binary {HostXml.Emulator}", check.LibvirtError);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2", Value: "aarch64" });
    }
}
