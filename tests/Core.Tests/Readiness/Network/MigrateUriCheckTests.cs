using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class MigrateUriCheckTests
{
    [Theory]
    [InlineData("tcp://kvm2", ReadinessStatus.Passed, null)]
    [InlineData("tcp:kvm2:50000", ReadinessStatus.Passed, null)]
    [InlineData("unix:///run/socket", ReadinessStatus.Passed, null)]
    [InlineData("http://kvm2", ReadinessStatus.Failed, "unsupported scheme http in migration URI")]
    [InlineData("kvm2", ReadinessStatus.Failed, "missing scheme in migration URI")]
    [InlineData("tcp://", ReadinessStatus.Failed, "missing host in migration URI")]
    [InlineData("", ReadinessStatus.NotApplicable, null)]
    public async Task An_address_is_taken_or_refused_as_libvirt_does(string uri, ReadinessStatus status, string? error)
    {
        var check = await new ReadinessScene().With(MigrationOptions.MigrateUri, uri).CheckAsync<MigrateUriCheck>();

        Assert.Equal((status, error), (check.Status, check.LibvirtError));
    }
}
