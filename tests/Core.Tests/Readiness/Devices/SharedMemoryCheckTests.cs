using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class SharedMemoryCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(" role='master'", "ivshmem-plain", "7.2", null)]
    [InlineData(" role='peer'", "ivshmem-plain", "7.2", "Migration is disabled when using feature 'peer mode' in device 'ivshmem'")]
    [InlineData("", "ivshmem-plain", "7.2", "Migration is disabled when using feature 'peer mode' in device 'ivshmem'")]
    [InlineData(" role='peer'", "ivshmem-doorbell", "5.2", "shmem device 'ring' cannot be migrated, only shmem with role='master' can be migrated")]
    [InlineData(" role='master'", "ivshmem", "3.1", "migration with legacy shmem device is not supported")]
    public async Task Only_the_master_takes_it_along(string role, string model, string qemu, string? error)
    {
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = Version.Parse(qemu) });
        _scene.Definition = $"<shmem name='ring'{role}><model type='{model}'/><size unit='M'>4</size></shmem>";

        var check = await _scene.CheckAsync<SharedMemoryCheck>();

        Assert.Equal(error is null ? ReadinessStatus.Passed : ReadinessStatus.Failed, check.Status);
        Assert.Equal(error, check.LibvirtError);
    }

    [Fact]
    public async Task Most_vms_have_none()
    {
        _scene.Definition = string.Empty;

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<SharedMemoryCheck>()).Status);
    }
}
