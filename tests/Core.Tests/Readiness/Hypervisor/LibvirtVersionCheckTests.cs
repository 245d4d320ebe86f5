using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Hypervisor;

public sealed class LibvirtVersionCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("7.2.0", ReadinessStatus.Passed)]
    [InlineData("10.1.0", ReadinessStatus.Passed)]
    [InlineData("6.2.0", ReadinessStatus.Warning)]
    public async Task Later_versions_read_what_earlier_ones_write(string destination, ReadinessStatus status)
    {
        _scene.Source = new(_scene.Source.Host with { LibvirtVersion = new(7, 2, 0) });
        _scene.Destination = new(_scene.Destination.Host with { LibvirtVersion = Version.Parse(destination) });

        var check = await _scene.CheckAsync<LibvirtVersionCheck>();

        Assert.Equal(status, check.Status);
        Assert.Contains(check.Evidence, e => e.From is "kvm2" && string.Equals(e.Value, destination, StringComparison.Ordinal));
        Assert.Equal(status == ReadinessStatus.Warning, check.Message.Contains("older than 7.2.0 on 'kvm1'", StringComparison.Ordinal));
    }
}
