using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Options;

public sealed class OptionSupportCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task An_option_that_a_host_is_too_old_for_fails()
    {
        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.ZeroCopy, true);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<OptionSupportCheck>()).Status);

        _scene.Destination = new(_scene.Destination.Host with { LibvirtVersion = new(8, 0, 0) });

        var check = await _scene.CheckAsync<OptionSupportCheck>();
        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("-ZeroCopy needs libvirt 8.5.0; 'kvm2' has 8.0.0.", check.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0", ReadinessStatus.Failed)]
    [InlineData("10.1.0", ReadinessStatus.Passed)]
    [InlineData(null, ReadinessStatus.NotVerified)]
    public async Task Post_copy_over_several_connections_needs_a_qemu_that_can(string? qemu, ReadinessStatus status)
    {
        var version = qemu is null ? null : Version.Parse(qemu);
        _scene.Source = new(_scene.Source.Host with { HypervisorVersion = version });
        _scene.Destination = new(_scene.Destination.Host with { HypervisorVersion = version });
        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.PostCopy, true).With(MigrationOptions.Parallel, 4);

        Assert.Equal(status, (await _scene.CheckAsync<OptionSupportCheck>()).Status);
    }
}
