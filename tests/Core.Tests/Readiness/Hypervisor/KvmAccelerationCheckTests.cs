using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Hypervisor;

public sealed class KvmAccelerationCheckTests
{
    private readonly ReadinessScene _scene = new() { Definition = string.Empty };

    [Fact]
    public async Task A_destination_with_kvm_passes()
    {
        _scene.Destination.Capabilities = new HostXml().ToString();

        var check = await _scene.CheckAsync<KvmAccelerationCheck>();

        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Contains(check.Evidence, e => e is { From: "kvm2", Value: "kvm, qemu" });
    }

    [Fact]
    public async Task A_guest_with_kvm_can_t_go_where_there_is_none()
    {
        _scene.Destination.Capabilities = new HostXml { DomainTypes = ["qemu"] }.ToString();
        _scene.Destination.DomainCapabilities = _ => throw HostXml.Refusal("the accel 'kvm' is not supported by '/usr/bin/qemu' on this host");

        var check = await _scene.CheckAsync<KvmAccelerationCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("Domain requires KVM, but it is not available", check.LibvirtError);
        Assert.Contains("virt-host-validate", check.Recommendation, StringComparison.Ordinal);

        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);
        _scene.Definition = string.Empty;

        var offline = await _scene.CheckAsync<KvmAccelerationCheck>();
        Assert.Equal((ReadinessStatus.Warning, null), (offline.Status, offline.LibvirtError));
    }

    [Fact]
    public async Task An_emulator_in_a_place_of_its_own_is_asked_itself()
    {
        _scene.Destination.Capabilities = new HostXml { DomainTypes = ["qemu"] }.ToString();
        _scene.Destination.DomainCapabilities = _ => HostXml.DomainCapabilities();

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<KvmAccelerationCheck>()).Status);
    }

    [Theory]
    [InlineData("qemu", "where there is no KVM either")]
    [InlineData("qemu,kvm", "although 'kvm2' has KVM")]
    public async Task An_emulated_guest_moves_slowly(string types, string message)
    {
        _scene.Definition = "<domain type='qemu'><os><type arch='x86_64'>hvm</type></os></domain>";
        _scene.Destination.Capabilities = new HostXml { DomainTypes = types.Split(',') }.ToString();

        var check = await _scene.CheckAsync<KvmAccelerationCheck>();

        Assert.Equal(ReadinessStatus.Warning, check.Status);
        Assert.Contains(message, check.Message, StringComparison.Ordinal);
        Assert.Null(check.LibvirtError);
    }
}
