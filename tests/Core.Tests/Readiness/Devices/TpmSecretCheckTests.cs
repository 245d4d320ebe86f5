using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class TpmSecretCheckTests
{
    private readonly ReadinessScene _scene = new();

    private static readonly Guid Secret = Guid.Parse("6bd2a3ac-0d1c-4b0a-9d6c-0c1d2e3f4a5b");

    [Theory]
    [InlineData(false, VmState.Running, ReadinessStatus.Failed)]
    [InlineData(false, VmState.ShutOff, ReadinessStatus.Warning)]
    [InlineData(true, VmState.Running, ReadinessStatus.NotVerified)]
    public async Task The_destination_needs_the_secret(bool isThere, VmState state, ReadinessStatus expected)
    {
        _scene.Vm = _scene.TestVm("db", state);
        _scene.Definition = $"<tpm model='tpm-crb'><backend type='emulator'><encryption secret='{Secret}'/></backend></tpm>";
        _scene.Destination.Secrets = isThere ? new HashSet<Guid> { Secret } : new HashSet<Guid>();

        var check = await _scene.CheckAsync<TpmSecretCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Failed ? $"no secret with matching uuid '{Secret}'" : null, check.LibvirtError);
        Assert.Contains($"secret-set-value {Secret}", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tpm_without_encryption_needs_none()
    {
        _scene.Definition = "<tpm model='tpm-crb'><backend type='emulator'/></tpm>";

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<TpmSecretCheck>()).Status);
    }
}
