using VirtMigrate.Hosts;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class RunsElsewhereCheckTests
{
    private readonly ReadinessScene _scene = new();
    private readonly KnownHost _third = new(ReadinessScene.Host("kvm3"));

    public RunsElsewhereCheckTests()
    {
        _scene.Vm = _scene.Vm with { Status = new(VmState.ShutOff, 4) };
        _scene.OtherHosts.Add(_third, null);
    }

    [Theory]
    [InlineData(VmState.Running)]
    [InlineData(VmState.Paused)]
    [InlineData(VmState.PmSuspended)]
    public async Task A_leftover_of_a_vm_that_is_active_on_another_host_does_not_move(VmState state)
    {
        _third.Vms.Add(_scene.Vm with { Name = "db new", VmHost = _third.Host, Status = new(state, 1) });

        var check = await _scene.AssertAsync<RunsElsewhereCheck>(ReadinessStatus.Failed, "What 'kvm1' has of the VM is a leftover");

        Assert.Contains("on 'kvm3'", check.Message, StringComparison.Ordinal);
        Assert.Contains("Start-VmMigration 'db new' -VmHost qemu+tcp://kvm3/system -Destination qemu+tcp://kvm2/system.", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains($"virsh -c qemu+tcp://kvm1/system undefine {_scene.Vm.Uuid} --keep-nvram", check.Recommendation, StringComparison.Ordinal);
        Assert.True(check.ProtectsData);
        Assert.Contains(check.Evidence, e => string.Equals(e.From, "kvm3", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_crashed_and_is_kept_is_active()
    {
        _third.Vms.Add(_scene.Vm with { VmHost = _third.Host, Status = new(VmState.Crashed, 1), Id = 7 });

        await _scene.AssertAsync<RunsElsewhereCheck>(ReadinessStatus.Failed, "leftover");
    }

    [Fact]
    public async Task Where_it_is_at_the_destination_there_is_nothing_to_move()
    {
        _scene.OtherHosts.Add(_scene.Destination, null);
        _scene.Destination.Vms.Add(_scene.Vm with { VmHost = _scene.Destination.Host, Status = new(VmState.Running, 1) });

        var check = await _scene.AssertAsync<RunsElsewhereCheck>(ReadinessStatus.Failed, "on the destination");

        Assert.StartsWith("There is nothing to move.", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vm_that_is_shut_off_everywhere_passes()
    {
        _third.Vms.Add(_scene.Vm with { VmHost = _third.Host });
        _third.Vms.Add(_scene.TestVm(_scene.Vm.Name, VmState.Running));

        await _scene.AssertAsync<RunsElsewhereCheck>(ReadinessStatus.Passed, "not active on any other connected host (1)");
    }

    [Fact]
    public async Task A_vm_that_is_active_itself_has_left_nothing_behind()
    {
        _scene.Vm = _scene.Vm with { Status = new(VmState.Running, 1) };
        _scene.OtherHosts[_third] = new HypervisorException("no answer");

        await _scene.AssertAsync<RunsElsewhereCheck>(ReadinessStatus.NotApplicable, "active on 'kvm1' itself");
    }

    [Theory]
    [InlineData(false, ReadinessStatus.Warning)]
    [InlineData(true, ReadinessStatus.NotVerified)]
    public async Task A_host_that_can_not_be_asked_is_named_and_is_an_obstacle_only_if_that_was_asked_for(bool isStrict, ReadinessStatus status)
    {
        _scene.Selection = new() { IsStrict = isStrict };
        _scene.OtherHosts[_third] = new HypervisorException("no answer");
        _scene.OtherHosts.Add(new(ReadinessScene.Host("kvm4")), null);

        var check = await _scene.AssertAsync<RunsElsewhereCheck>(status, "'kvm3' could not be asked whether the VM is active there: no answer");

        Assert.NotNull(check.Recommendation);
    }

    [Fact]
    public async Task One_that_can_not_be_asked_does_not_hide_the_one_that_has_the_vm()
    {
        _scene.OtherHosts[_third] = new HypervisorException("no answer");
        var fourth = new KnownHost(ReadinessScene.Host("kvm4"));
        fourth.Vms.Add(_scene.Vm with { VmHost = fourth.Host, Status = new(VmState.Running, 1) });
        _scene.OtherHosts.Add(fourth, null);

        await _scene.AssertAsync<RunsElsewhereCheck>(ReadinessStatus.Failed, "on 'kvm4'");
    }
}
