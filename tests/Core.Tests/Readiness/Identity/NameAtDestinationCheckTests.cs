using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class NameAtDestinationCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_name_that_is_free_passes()
    {
        _scene.Destination.Vms.Add(_scene.TestVm("DB", VmState.Running));

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<NameAtDestinationCheck>()).Status);
    }

    [Fact]
    public async Task Another_vm_s_name_is_taken_until_this_one_gets_another()
    {
        var other = _scene.TestVm("db", VmState.ShutOff);
        _scene.Destination.Vms.Add(other);

        var check = await _scene.CheckAsync<NameAtDestinationCheck>();

        Assert.Equal((ReadinessStatus.Failed, $"domain 'db' already exists with uuid {other.Uuid}"), (check.Status, check.LibvirtError));
        Assert.Contains("-NewName", check.Recommendation, StringComparison.Ordinal);

        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.NewName, "db2");

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<NameAtDestinationCheck>()).Status);
    }

    [Fact]
    public async Task A_namesake_of_the_same_batch_gets_there_first()
    {
        _scene.Ahead.Add(_scene.TestVm("db", VmState.Running));

        Assert.Equal(ReadinessStatus.Failed, (await _scene.CheckAsync<NameAtDestinationCheck>()).Status);
    }
}
