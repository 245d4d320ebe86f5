using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class AutostartCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData(false, true, false, ReadinessStatus.Passed, "Autostart is off on both hosts.", null)]
    [InlineData(true, true, true, ReadinessStatus.Passed, "moves to 'kvm2' with the VM", null)]
    [InlineData(true, true, false, ReadinessStatus.Warning, "at its next boot, 'kvm1' would start a second instance", "virsh -c qemu+tcp://kvm1/system autostart --disable db")]
    [InlineData(true, false, true, ReadinessStatus.Warning, "'kvm2' will not have it, because it keeps no definition", "-Persistent")]
    [InlineData(true, false, false, ReadinessStatus.Warning, "would start a second instance beside the one on 'kvm2'", "virsh -c qemu+tcp://kvm1/system autostart --disable db")]
    public async Task Which_hosts_start_the_vm_afterwards_is_told(
        bool autostart, bool persistent, bool undefine, ReadinessStatus status, string message, string? advice)
    {
        _scene.Vm = _scene.Vm with { Autostart = autostart };
        _scene.With(MigrationOptions.Persistent, persistent).With(MigrationOptions.UndefineSource, undefine);

        var check = await _scene.AssertAsync<AutostartCheck>(status, message);

        Assert.Equal(advice is null, check.Recommendation is null);
        Assert.Contains(advice ?? string.Empty, check.Recommendation ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_that_an_earlier_stay_left_is_kept_without_being_asked_for()
    {
        _scene.Vm = _scene.Vm with { Autostart = true };
        _scene.With(MigrationOptions.Persistent, false).With(MigrationOptions.UndefineSource, true);
        _scene.Destination.Vms.Add(_scene.Vm with { Status = new(VmState.ShutOff, 1), Autostart = false });

        await _scene.AssertAsync<AutostartCheck>(ReadinessStatus.Passed, "moves to 'kvm2' with the VM");
    }

    [Fact]
    public async Task A_destination_that_starts_the_vm_though_its_source_does_not_is_told()
    {
        _scene.With(MigrationOptions.Persistent, true);
        _scene.Destination.Vms.Add(_scene.Vm with { Name = "it's db", Status = new(VmState.ShutOff, 1), Autostart = true });

        var check = await _scene.AssertAsync<AutostartCheck>(ReadinessStatus.Warning, "but on at 'kvm2': it was left on there earlier");

        Assert.EndsWith("""virsh -c qemu+tcp://kvm2/system autostart --disable 'it'"'"'s db'""", check.Recommendation, StringComparison.Ordinal);
    }
}
