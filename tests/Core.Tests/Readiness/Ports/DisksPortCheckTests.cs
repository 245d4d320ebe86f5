using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Ports;

public sealed class DisksPortCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().Resolving().With(MigrationOptions.CopyStorage, nameof(StorageCopy.All));

    [Fact]
    public async Task A_free_port_passes_and_one_that_is_taken_fails()
    {
        _scene.With(MigrationOptions.DisksPort, 50001L);
        await _scene.AssertAsync<DisksPortCheck>(ReadinessStatus.Passed, "port 50001 of 'kvm2' answers");

        _scene.Client.Ports[("kvm2", 50001)] = PortAnswer.Open;
        var check = await _scene.AssertAsync<DisksPortCheck>(ReadinessStatus.Failed, "a program already listens on port 50001");
        Assert.Equal("Address already in use", check.LibvirtError);
    }

    [Fact]
    public async Task A_closed_port_fails()
    {
        _scene.With(MigrationOptions.DisksPort, 50001L).Client.Otherwise = PortAnswer.TimedOut;

        var check = await _scene.AssertAsync<DisksPortCheck>(ReadinessStatus.Failed, "nothing answers at port 50001");

        Assert.Contains("--add-port=50001/tcp", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_disks_is_looked_at()
    {
        _scene.Resolving("10.0.0.2").With(MigrationOptions.DisksUri, "tcp://10.0.0.2:50002");

        await _scene.AssertAsync<DisksPortCheck>(ReadinessStatus.Passed, "port 50002 of '10.0.0.2'");
    }

    [Fact]
    public async Task Without_a_port_of_one_s_own_it_is_one_of_the_range()
    {
        await _scene.AssertAsync<DisksPortCheck>(ReadinessStatus.NotApplicable, "49152-49215");

        _scene.With(MigrationOptions.CopyStorage, false);
        await _scene.AssertAsync<DisksPortCheck>(ReadinessStatus.NotApplicable, "No disks are copied");
    }
}
