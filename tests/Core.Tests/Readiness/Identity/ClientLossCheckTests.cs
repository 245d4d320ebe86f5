using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class ClientLossCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task It_says_what_becomes_of_a_migration_whose_client_is_lost()
    {
        Assert.Contains("-PeerToPeer", (await _scene.CheckAsync<ClientLossCheck>()).Recommendation, StringComparison.Ordinal);

        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.PeerToPeer, true);

        var check = await _scene.CheckAsync<ClientLossCheck>();
        Assert.Equal(ReadinessStatus.Passed, check.Status);
        Assert.Null(check.Recommendation);

        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<ClientLossCheck>()).Status);
    }

    [Theory]
    [InlineData("7.2.22", true, false, ReadinessStatus.Warning)]
    [InlineData("7.2.22", true, true, ReadinessStatus.Passed)]
    [InlineData("7.2.22", false, false, ReadinessStatus.Passed)]
    [InlineData("8.0.0", true, false, ReadinessStatus.Passed)]
    public async Task An_older_qemu_is_warned_of_that_does_not_survive_the_end_of_one_of_several_connections(
        string version, bool isParallel, bool isPeerToPeer, ReadinessStatus expected)
    {
        _scene.Source = new(ReadinessScene.Host("kvm1") with { HypervisorVersion = Version.Parse(version) });
        _scene.Options = isParallel ? _scene.Options.With(MigrationOptions.Parallel, 4) : _scene.Options;
        _scene.Options = _scene.Options.With(MigrationOptions.PeerToPeer, isPeerToPeer);

        Assert.Equal(expected, (await _scene.CheckAsync<ClientLossCheck>()).Status);
    }
}
