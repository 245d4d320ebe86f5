using VirtMigrate.Failures;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class VmStateCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(VmState.Running, 1, ReadinessStatus.Passed)]
    [InlineData(VmState.Paused, 1, ReadinessStatus.Passed)]
    [InlineData(VmState.ShutOff, 1, ReadinessStatus.Passed)]
    [InlineData(VmState.ShutOff, 4, ReadinessStatus.Warning)]
    [InlineData(VmState.Paused, 5, ReadinessStatus.Warning)]
    [InlineData(VmState.Crashed, 1, ReadinessStatus.Warning)]
    [InlineData(VmState.ShuttingDown, 1, ReadinessStatus.Warning)]
    [InlineData(VmState.PmSuspended, 0, ReadinessStatus.Warning)]
    public async Task The_state_decides_whether_and_how_the_vm_can_move(VmState state, int reason, ReadinessStatus status)
    {
        _scene.Vm = _scene.Vm with { Status = new(state, reason) };

        var check = await _scene.CheckAsync<VmStateCheck>();

        Assert.Equal(status, check.Status);
        Assert.Contains(_scene.Vm.Status.ToString(), check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_io_error_stops_a_migration_that_is_to_stop_at_errors()
    {
        _scene.Vm = _scene.Vm with { Status = new(VmState.Paused, 5) };
        _scene.Options = MigrationOptionSet.Empty.With(MigrationOptions.AbortOnError, true);

        var check = await _scene.CheckAsync<VmStateCheck>();

        Assert.Equal((ReadinessStatus.Failed, "cannot migrate domain with I/O error"), (check.Status, check.LibvirtError));
        Assert.Contains("domblkerror", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(VmState.ShutOff, true, "domain is not running")]
    [InlineData(VmState.Running, false, null)]
    public async Task A_vm_in_another_state_than_the_one_that_was_asked_for_can_t_move_so(VmState state, bool isLive, string? error)
    {
        _scene.Vm = _scene.Vm with { Status = new(state, 1) };
        _scene.OptionTrouble = VmFailures.HasWrongState(_scene.Vm, isLive);

        var check = await _scene.CheckAsync<VmStateCheck>();

        Assert.Equal((ReadinessStatus.Failed, error), (check.Status, check.LibvirtError));
    }

    [Fact]
    public async Task A_vm_that_has_moved_away_is_not_to_be_started_where_it_was()
    {
        _scene.Vm = _scene.Vm with { Status = new(VmState.ShutOff, 4) };
        var left = await _scene.CheckAsync<VmStateCheck>();
        _scene.OptionTrouble = VmFailures.HasWrongState(_scene.Vm, isLive: true);
        var live = await _scene.CheckAsync<VmStateCheck>();

        Assert.Contains("the definition that it left behind", left.Message, StringComparison.Ordinal);
        Assert.Equal((ReadinessStatus.Failed, "domain is not running"), (live.Status, live.LibvirtError));
        Assert.All([left, live], c => Assert.Contains("Get-VmHost | Get-Vm db", c.Recommendation, StringComparison.Ordinal));
        Assert.All([left, live], c => Assert.DoesNotContain("virsh", c.Recommendation, StringComparison.Ordinal));
    }
}
