using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class LocalhostNameCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("kvm2", ReadinessStatus.Passed)]
    [InlineData("localhost", ReadinessStatus.Failed)]
    [InlineData("localhost.localdomain", ReadinessStatus.Failed)]
    public async Task The_destination_must_not_be_called_localhost(string name, ReadinessStatus status)
    {
        _scene.Destination = new(_scene.Destination.Host with { Name = name });

        var check = await _scene.CheckAsync<LocalhostNameCheck>();

        Assert.Equal(status, check.Status);
        Assert.Equal(status == ReadinessStatus.Failed ? "hostname on destination resolved to localhost" : null, check.LibvirtError);
    }

    [Fact]
    public async Task Its_name_does_not_matter_where_the_address_is_given_or_not_used()
    {
        _scene.Destination = new(_scene.Destination.Host with { Name = "localhost" });
        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.MigrateUri, "tcp://10.0.0.2");

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<LocalhostNameCheck>()).Status);

        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.Tunnelled, true);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<LocalhostNameCheck>()).Status);
    }
}
