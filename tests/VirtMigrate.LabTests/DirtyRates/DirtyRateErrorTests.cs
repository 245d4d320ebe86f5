using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.DirtyRates;

/// <summary>Why a VM can't be measured, as a user sees it.</summary>
public sealed class DirtyRateErrorTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_vm_that_stands_still_or_has_nothing_to_compare()
    {
        await using var vm = await EmptyVm.DefineAsync(Lab, new() { Memory = 1 });

        Measure("-Period 1").AssertError("VmNotRunning", ErrorCategory.InvalidOperation, "'empty' is shut off", $"(virsh -c {Lab.Host1.Tcp} start empty)");
        await Lab.VirshAsync(Lab.Host1, "start", EmptyVm.Name, "--paused");
        Measure("-Period 1").AssertError("VmNotRunning", ErrorCategory.InvalidOperation, "does not run writes nothing", "resume empty");
        await Lab.VirshAsync(Lab.Host1, "resume", EmptyVm.Name);

        // QEMU says -1.
        Measure("-Period 1").AssertError("DirtyRateNotMeasurable", ErrorCategory.InvalidOperation, "'empty' can't be measured: QEMU compares one page of every 2 MiB", "Start-VmMigration empty");
        Assert.Contains("megabytes_per_second=-1", await Lab.VirshAsync(Lab.Host1, "domstats", EmptyVm.Name, "--dirtyrate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mode_that_the_vm_cannot_be_measured_in_is_not_tried()
    {
        await using var vm = await EmptyVm.StartAsync(Lab, new());

        Measure("-Period 1 -Mode DirtyRing").AssertError("DirtyRateModeUnsupported", ErrorCategory.NotImplemented, "in mode DirtyRing: the VM does not run with KVM", "-Mode PageSampling");
        Measure("-Period 1 -Mode DirtyBitmap").AssertError("DirtyRateModeUnsupported", ErrorCategory.NotImplemented, "QEMU before 9.1 would crash", "-Mode PageSampling");
        Assert.Equal("running (booted)", await Lab.VirshAsync(Lab.Host1, "domstate", EmptyVm.Name, "--reason"));

        // Sampling is for all: this one does nothing.
        Assert.Equal(0, Measure("-Period 1").Single.Number("BytesPerSecond"));
        using var curve = Session.Begin($"Measure-VmDirtyRate {EmptyVm.Name} -VmHost $kvm1 -Curve");
        await EventuallyAsync("it begins with most of a minute before it", () => Task.FromResult(curve.Progress.Any(p => p.SecondsRemaining > 45)));
        curve.Stop();
    }

    [Fact]
    public async Task A_vm_that_stops_is_suspended_or_leaves_half_way()
    {
        await using var vm = await EmptyVm.StartAsync(Lab, new());

        (await MeanwhileAsync(2, "suspend", EmptyVm.Name)).AssertError("DirtyRateInterrupted", ErrorCategory.OperationStopped, "it is paused (user) now", "Get-VmHost | Get-Vm empty");
        await Lab.VirshAsync(Lab.Host1, "resume", EmptyVm.Name);

        var left = await MeanwhileAsync(60, "migrate", EmptyVm.Name, "--live", "--p2p", Lab.Host2.Tcp);
        left.AssertError("DirtyRateInterrupted", ErrorCategory.OperationStopped, "was migrated away from 'kvm1'", "Measure-VmDirtyRate");
        Assert.All(left.Progress.Where(p => p.RecordType == ProgressRecordType.Processing), p => Assert.True(p.SecondsRemaining > 20, "It was noticed at the end only."));
        await Lab.VirshAsync(Lab.Host2, "destroy", EmptyVm.Name);
        await Lab.VirshAsync(Lab.Host1, "start", EmptyVm.Name);
        (await MeanwhileAsync(3, "destroy", EmptyVm.Name)).AssertError("DirtyRateInterrupted", ErrorCategory.OperationStopped, "it is shut off (destroyed) now", "Get-Vm empty");
    }

    [Fact]
    public async Task A_vm_that_migrates_is_refused_at_once()
    {
        await using var guest = await Lab.StartGuestAsync("leaves", "--dirty", "10");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "40mbit");
        using var other = NewSession();
        using var running = other.Set("name", guest.Name).Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -SkipCheck All");
        await guest.WaitUntilMovingAsync(Lab.Host1);

        Session.Set("name", guest.Name).Run("Measure-VmDirtyRate $name -VmHost $kvm1").AssertError(
            "VmAlreadyMigrating", ErrorCategory.ResourceBusy, "'leaves' is already being migrated from 'kvm1'", "Wait-VmMigrationJob leaves");
        Assert.Contains("data_remaining", await Lab.VirshAsync(Lab.Host1, "domjobinfo", guest.Name, "--rawstats"), StringComparison.Ordinal);
        running.Stop();
    }

    private SessionResult Measure(string options) => Session.Run($"Measure-VmDirtyRate {EmptyVm.Name} -VmHost $kvm1 {options}");

    // Has virsh do something while the VM is measured.
    private async Task<SessionResult> MeanwhileAsync(int seconds, params string[] command)
    {
        using var running = Session.Begin($"Measure-VmDirtyRate {EmptyVm.Name} -VmHost $kvm1 -Period {seconds}");
        await EventuallyAsync(
            "the VM is measured", Lab.Host1, answer => answer.Contains("calc_status=1", StringComparison.Ordinal), "domstats", EmptyVm.Name, "--dirtyrate");
        await Lab.VirshAsync(Lab.Host1, command);
        return running.Wait();
    }
}
