using System.Management.Automation;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Errors;

/// <summary>What a user sees whose migration can't begin.</summary>
public sealed class MigrationErrorTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public void A_vm_that_does_not_exist() => Session.Run("Start-VmMigration no-such-vm -VmHost $kvm1 -Destination $kvm2")
        .AssertError("VmNotFound", ErrorCategory.ObjectNotFound, "no-such-vm", "Get-Vm");

    [Fact]
    public async Task A_destination_that_is_the_source()
    {
        await using var guest = await Lab.StartGuestAsync("same", "--off");

        Session.Set("name", guest.Name).Set("tls", Lab.Host1.Tls).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $tls")
            .AssertError("DestinationIsSource", ErrorCategory.InvalidArgument, "same host", "-Destination");
    }

    [Fact]
    public async Task A_destination_that_was_left_out_and_does_not_follow()
    {
        await using var guest = await Lab.StartGuestAsync("nowhere", "--off");

        Session.Set("name", guest.Name).Run("Get-Vm $name -VmHost $kvm1 | Start-VmMigration")
            .AssertError("DestinationUnknown", ErrorCategory.ObjectNotFound, "has no destination", "-Destination");
    }

    [Fact]
    public async Task A_destination_that_has_another_vm_of_that_name()
    {
        await using var guest = await Lab.StartGuestAsync("twin");
        await using var twin = await DefineAsync(Lab.Host2, guest.Name, Guid.NewGuid());

        Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2")
            .AssertError("VmExistsOnDestination", ErrorCategory.ResourceExists, "'twin' on 'kvm2' is another VM", "virsh undefine");
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_vm_that_already_runs_on_the_destination()
    {
        await using var guest = await Lab.StartGuestAsync("arrived");

        Session.Set("name", guest.Name).Run("""
            $vm = Get-Vm $name -VmHost $kvm1
            $null = $vm | Start-VmMigration -Destination $kvm2
            $vm | Start-VmMigration -Destination $kvm2
            """).AssertError("VmExistsOnDestination", ErrorCategory.ResourceExists, "on 'kvm2'", "Test-VmMigrationResult");
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_vm_that_is_already_being_migrated()
    {
        await using var guest = await Lab.StartGuestAsync("busy", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using var other = NewSession().Set("name", guest.Name);

        using var moving = other.Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live")
            .AssertError("VmAlreadyMigrating", ErrorCategory.ResourceBusy, guest.Name, "Wait-VmMigrationJob");
        moving.Stop();

        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task Advice_about_an_oddly_named_vm_can_be_pasted()
    {
        await using var guest = await Lab.StartGuestAsync("odd $(name)", "--off");

        Session.Set("name", guest.Name).Run("Get-Vm -VmHost $kvm1 | Where-Object Name -eq $name | Start-VmMigration -Destination $kvm2 -Live")
            .AssertError("VmNotRunning", ErrorCategory.InvalidOperation, guest.Name, $"virsh -c {Lab.Host1.Tcp} start 'odd $(name)'");
    }

    [Fact]
    public async Task A_vm_that_runs_does_not_move_offline()
    {
        await using var guest = await Lab.StartGuestAsync("running");

        Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Offline")
            .AssertError("VmNotShutOff", ErrorCategory.InvalidOperation, "running", "-Offline");
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused_before_any_host_is_asked() =>
        Session.Run("Start-VmMigration any -VmHost qemu+tcp://no-such-host.invalid/system -Destination $kvm2 -Offline -Persistent:$false")
            .AssertError("MigrationOptionInvalid", ErrorCategory.InvalidArgument, "-Offline requires -Persistent", "Get-Help");

    [Fact]
    public async Task A_vm_that_is_not_being_migrated_has_nothing_to_stop()
    {
        await using var guest = await Lab.StartGuestAsync("still");

        Session.Set("name", guest.Name).Run("Stop-VmMigration $name -VmHost $kvm1 -Confirm:$false")
            .AssertError("NoMigrationJob", ErrorCategory.ObjectNotFound, guest.Name, "Get-VmMigrationJob");
    }

    private Task<IAsyncDisposable> DefineAsync(LabHost host, string name, Guid uuid) => Change.MakeAsync(
        () => Lab.DefineAsync(host, XElement.Parse(
            $"<domain type='qemu'><name>{name}</name><uuid>{uuid}</uuid><memory unit='MiB'>192</memory><os><type>hvm</type></os></domain>")),
        () => Lab.VirshAsync(host, "undefine", "--domain", $"{uuid}"));
}
