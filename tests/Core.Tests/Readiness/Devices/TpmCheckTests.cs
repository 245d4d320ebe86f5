using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class TpmCheckTests
{
    private readonly ReadinessScene _scene = new();

    private const string Emulated = "<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>";

    [Theory]
    [InlineData("<tpm supported='yes'><enum name='backendModel'><value>passthrough</value><value>emulator</value></enum></tpm>", ReadinessStatus.Passed)]
    [InlineData("<tpm supported='yes'><enum name='backendModel'><value>passthrough</value></enum></tpm>", ReadinessStatus.Failed)]
    [InlineData("<tpm supported='no'/>", ReadinessStatus.Failed)]
    [InlineData("", ReadinessStatus.NotVerified)]
    public async Task The_destination_must_emulate_one_too(string capabilities, ReadinessStatus expected)
    {
        _scene.Definition = Emulated;
        _scene.SourceShell = new KnownShell().Answering("stat -f", "ef53 ext2/ext3");
        _scene.Destination.DomainCapabilities = _ => $"<domainCapabilities><devices>{capabilities}</devices></domainCapabilities>";

        var check = await _scene.CheckAsync<TpmCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Failed ? "TPM version '2.0' is not supported" : null, check.LibvirtError);
    }

    [Theory]
    [InlineData("cmdarg-migration", ReadinessStatus.Passed)]
    [InlineData("tpm-1.2", ReadinessStatus.Failed)]
    public async Task A_state_on_shared_storage_needs_a_newer_emulator(string capability, ReadinessStatus expected)
    {
        _scene.Definition = Emulated;
        CanEmulate();
        _scene.SourceShell = new KnownShell().Answering("stat -f", "6969 nfs").Answering("swtpm socket --print-capabilities", $"{{\"features\":[\"{capability}\"]}}");

        var check = await _scene.CheckAsync<TpmCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Failed ? "the running swtpm does not support migration with shared storage" : null, check.LibvirtError);
    }

    [Fact]
    public async Task From_elsewhere_nobody_sees_where_its_state_is()
    {
        _scene.Definition = Emulated;
        CanEmulate();

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<TpmCheck>()).Status);
    }

    [Fact]
    public async Task A_vm_that_is_shut_off_can_start_with_one_there()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        _scene.Definition = Emulated;
        CanEmulate();

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<TpmCheck>()).Status);
    }

    [Theory]
    [InlineData("<backend type='passthrough'><device path='/dev/tpm0'/></backend>", ReadinessStatus.Warning)]
    [InlineData("<backend type='external'><source type='unix' path='/run/tpm'/></backend>", ReadinessStatus.NotVerified)]
    public async Task Others_are_pointed_out(string backend, ReadinessStatus expected)
    {
        _scene.Definition = $"<tpm model='tpm-tis'>{backend}</tpm>";

        Assert.Equal(expected, (await _scene.CheckAsync<TpmCheck>()).Status);
    }

    private void CanEmulate() => _scene.Destination.DomainCapabilities = _ =>
        "<domainCapabilities><devices><tpm supported='yes'><enum name='backendModel'><value>emulator</value></enum></tpm></devices></domainCapabilities>";
}
