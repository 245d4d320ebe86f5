using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class FilesystemsCheckTests
{
    private readonly ReadinessScene _scene = new();

    private const string Virtiofs = "<filesystem type='mount'><driver type='virtiofs'/><source dir='/srv'/><target dir='share'/></filesystem>";
    private const string Plan9 = "<filesystem type='mount'><source dir='/srv'/><target dir='share'/></filesystem>";

    [Theory]
    [InlineData("5.2", ReadinessStatus.Failed, "migration with virtiofs device is not supported")]
    [InlineData("7.2", ReadinessStatus.Failed, "cannot migrate domain: non-migratable device")]
    [InlineData("9.0", ReadinessStatus.NotVerified, "migration with virtiofs device is not supported")]
    public async Task Virtiofs_moves_with_newer_hypervisors_only(string qemu, ReadinessStatus expected, string error)
    {
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = Version.Parse(qemu) });
        _scene.Definition = Virtiofs;

        var check = await _scene.CheckAsync<FilesystemsCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(error, check.LibvirtError);
        Assert.Contains("share (/srv)", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_9_moves_unless_the_guest_has_it_mounted()
    {
        _scene.Definition = Plan9;

        var check = await _scene.CheckAsync<FilesystemsCheck>();

        Assert.Equal(ReadinessStatus.NotVerified, check.Status);
        Assert.Contains("VirtFS export path '/srv' is mounted", check.LibvirtError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_moves_with_either()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        _scene.Definition = Virtiofs;

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<FilesystemsCheck>()).Status);
    }
}
