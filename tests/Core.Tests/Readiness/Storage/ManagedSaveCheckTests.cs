using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Storage;

public sealed class ManagedSaveCheckTests
{
    private const string File = "/var/lib/libvirt/qemu/save/db.save";
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(VmState.Running)]
    [InlineData(VmState.ShutOff)]
    public async Task A_vm_without_saved_memory_passes(VmState state)
    {
        LookLike(state);

        await _scene.AssertAsync<ManagedSaveCheck>(ReadinessStatus.Passed, "Neither host is known to keep a managed save image of the VM.");
    }

    [Fact]
    public async Task Memory_that_is_saved_does_not_move_with_a_definition()
    {
        LookLike(VmState.ShutOff, isSaved: true);

        var check = await _scene.AssertAsync<ManagedSaveCheck>(ReadinessStatus.Failed, "memory is saved on 'kvm1' and does not move");

        Assert.Contains("virsh -c qemu+tcp://kvm1/system start db", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains("managedsave-remove db", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains("-LeaveManagedSave", check.Recommendation, StringComparison.Ordinal);
        Assert.Contains(check.Evidence, e => e is { From: "kvm1", Value: "saved" });
    }

    [Fact]
    public async Task A_destination_that_can_t_be_reached_puts_no_data_at_risk()
    {
        LookLike(VmState.Running);
        _scene.DestinationTrouble = new VirtMigrate.Hosts.HypervisorException("no route to host");

        await _scene.AssertAsync<ManagedSaveCheck>(ReadinessStatus.NotApplicable, "'kvm2' can't be reached");
    }

    [Fact]
    public async Task An_image_that_libvirt_has_lost_sight_of_is_found_on_the_host()
    {
        LookLike(VmState.ShutOff);
        _scene.AddSourceShell().Answering($"test -e {File}");

        await _scene.AssertAsync<ManagedSaveCheck>(ReadinessStatus.Failed, "memory is saved on 'kvm1'");
    }

    [Fact]
    public async Task What_a_running_vm_was_saved_of_before_is_worth_a_warning()
    {
        LookLike(VmState.Running, isSaved: true);

        var check = await _scene.AssertAsync<ManagedSaveCheck>(ReadinessStatus.Warning, "older than the running VM is still on 'kvm1'");

        Assert.Equal("Discard it: virsh -c qemu+tcp://kvm1/system managedsave-remove db", check.Recommendation);
    }

    [Theory]
    [InlineData(VmState.Running)]
    [InlineData(VmState.ShutOff)]
    public async Task What_an_earlier_stay_left_at_the_destination_would_be_gone_on_from(VmState state)
    {
        LookLike(state);
        _scene.Destination.Vms.Add(_scene.Vm with { Status = new(VmState.ShutOff, 1) });
        _scene.Destination.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid) { HasManagedSave = true };

        var check = await _scene.AssertAsync<ManagedSaveCheck>(ReadinessStatus.Failed, "is still saved on 'kvm2', from before");

        Assert.Contains("virsh -c qemu+tcp://kvm2/system managedsave-remove db", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_leaves_it_behind_is_warned()
    {
        LookLike(VmState.ShutOff, isSaved: true);

        var check = await _scene.With(MigrationOptions.LeaveManagedSave, true)
            .AssertAsync<ManagedSaveCheck>(ReadinessStatus.Warning, "memory stays saved on 'kvm1' (-LeaveManagedSave)");

        Assert.Contains("virsh -c qemu+tcp://kvm1/system managedsave-remove db", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whoever_leaves_what_the_destination_has_is_warned(bool isDefined)
    {
        LookLike(VmState.Running);
        _scene.AddDestinationShell().Answering($"test -e {File}");
        if (isDefined)
        {
            _scene.Destination.Vms.Add(_scene.Vm with { Status = new(VmState.ShutOff, 1) });
        }

        await _scene.With(MigrationOptions.LeaveManagedSave, true)
            .AssertAsync<ManagedSaveCheck>(ReadinessStatus.Warning, "stays saved on 'kvm2' (-LeaveManagedSave)");
    }

    [Theory]
    [InlineData("db", "defined", ReadinessStatus.Failed, "is still saved on 'kvm2', from before")]
    [InlineData("db", "gone", ReadinessStatus.Failed, "A file on 'kvm2' holds saved memory")]
    [InlineData("db", "another's", ReadinessStatus.Passed, "Neither")]
    [InlineData("db2", "gone", ReadinessStatus.Passed, "Neither")]
    public async Task A_file_at_the_destination_counts_that_the_vm_would_start_from(string name, string definition, ReadinessStatus status, string message)
    {
        LookLike(VmState.Running);
        _scene.AddDestinationShell().Answering($"test -e {File}").Answering("test -e", exitCode: 1);
        _scene.With(MigrationOptions.NewName, name);
        if (definition is not "gone")
        {
            _scene.Destination.Vms.Add(definition is "defined" ? _scene.Vm : _scene.TestVm(name, VmState.ShutOff));
        }

        var check = await _scene.AssertAsync<ManagedSaveCheck>(status, message);

        Assert.Equal(status == ReadinessStatus.Failed, check.Recommendation?.Contains($"rm {File}", StringComparison.Ordinal) ?? false);
    }

    private void LookLike(VmState state, bool isSaved = false)
    {
        _scene.Vm = _scene.TestVm("db", state);
        _scene.Source.Inspections[_scene.Vm.Uuid] = new(_scene.Vm.Uuid) { HasManagedSave = isSaved };
    }
}
