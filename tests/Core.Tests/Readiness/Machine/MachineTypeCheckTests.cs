using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Machine;

public sealed class MachineTypeCheckTests
{
    private readonly ReadinessScene _scene = new() { Definition = string.Empty };

    [Fact]
    public async Task A_machine_type_that_the_emulator_has_passes()
    {
        _scene.Destination.Capabilities = new HostXml().ToString();
        _scene.Destination.DomainCapabilities = _ => HostXml.DomainCapabilities();

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<MachineTypeCheck>()).Status);
    }

    [Fact]
    public async Task A_machine_type_of_a_later_qemu_fails()
    {
        _scene.Destination.Capabilities = new HostXml { Machines = ["pc-q35-6.2", "pc-q35-6.1"] }.ToString();
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal("the machine 'pc-q35-7.2' is not supported by emulator");

        var check = await _scene.CheckAsync<MachineTypeCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("does not support machine type 'pc-q35-7.2'", check.LibvirtError);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2", Value: "pc-q35-6.1, pc-q35-6.2" });

        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);
        _scene.Definition = string.Empty;

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<MachineTypeCheck>()).Status);
    }

    [Fact]
    public async Task A_guest_that_is_refused_for_another_reason_has_its_machine_type()
    {
        _scene.Destination.Capabilities = new HostXml { DomainTypes = ["qemu"] }.ToString();
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal("the accel 'kvm' is not supported");

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<MachineTypeCheck>()).Status);
    }
}
