using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Checks;
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
}
