using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class UuidAtDestinationCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task A_host_that_does_not_know_the_vm_passes()
    {
        _scene.Destination.Vms.Add(_scene.TestVm("db", VmState.Running));

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<UuidAtDestinationCheck>()).Status);
    }

    [Theory]
    [InlineData(VmState.Running, "db", ReadinessStatus.Failed, "domain 'db' is already active")]
    [InlineData(VmState.Paused, "db", ReadinessStatus.Failed, "domain 'db' is already active")]
    [InlineData(VmState.ShutOff, "db", ReadinessStatus.Warning, null)]
    [InlineData(VmState.ShutOff, "old", ReadinessStatus.Failed, "domain 'old' is already defined with uuid ")]
    public async Task What_the_destination_has_of_the_vm_decides(VmState state, string name, ReadinessStatus status, string? error)
    {
        _scene.Destination.Vms.Add(_scene.Vm with { Name = name, Status = new(state, 1) });

        var check = await _scene.CheckAsync<UuidAtDestinationCheck>();

        Assert.Equal(status, check.Status);
        Assert.StartsWith(error ?? string.Empty, check.LibvirtError ?? string.Empty, StringComparison.Ordinal);
        Assert.NotNull(check.Recommendation);
    }

    [Fact]
    public async Task A_new_name_does_not_take_the_place_of_the_old_definition()
    {
        _scene.Destination.Vms.Add(_scene.Vm with { Status = new(VmState.ShutOff, 1) });
        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.NewName, "db2");

        Assert.Equal(ReadinessStatus.Failed, (await _scene.CheckAsync<UuidAtDestinationCheck>()).Status);
    }
}
