using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class DiskSecretsCheckTests
{
    private readonly ReadinessScene _scene = new();

    private static readonly Guid Secret = Guid.Parse("6bd2a3ac-0d1c-4b0a-9d6c-0c1d2e3f4a5b");

    [Fact]
    public async Task A_secret_that_the_destination_lacks_fails()
    {
        Encrypt();
        _scene.Destination.Secrets = new HashSet<Guid> { Guid.NewGuid() };

        var check = await _scene.CheckAsync<DiskSecretsCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal($"no secret with matching uuid '{Secret}'", check.LibvirtError);
        Assert.Contains($"secret-set-value {Secret}", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_a_secret_is_there_does_not_tell_its_value()
    {
        Encrypt();
        _scene.Destination.Secrets = new HashSet<Guid> { Secret };

        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<DiskSecretsCheck>()).Status);
    }

    [Fact]
    public async Task A_vm_that_is_shut_off_moves_but_could_not_start()
    {
        _scene.Vm = _scene.TestVm("off", VmState.ShutOff);
        Encrypt();
        _scene.Destination.Secrets = new HashSet<Guid>();

        Assert.Equal(ReadinessStatus.Warning, (await _scene.CheckAsync<DiskSecretsCheck>()).Status);
    }

    [Fact]
    public async Task Disks_that_anybody_can_read_need_none()
    {
        _scene.Definition = StorageScene.Disk();

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<DiskSecretsCheck>()).Status);
    }

    private void Encrypt() => _scene.Definition = "<disk type='file' device='disk'><source file='/a'>" +
        $"<encryption format='luks'><secret type='passphrase' uuid='{Secret}'/></encryption></source><target dev='vda'/></disk>";
}
