using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Jobs;

/// <summary>Test-VmMigrationResult says what both hosts say.</summary>
public sealed class VerificationTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_result_is_verified_again_by_pipeline()
    {
        await using var guest = await Lab.StartGuestAsync("verify");

        var verification = Session.Set("name", guest.Name).Run("""
            Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live | Test-VmMigrationResult
            """).Single;

        Assert.Equal("Completed", verification.Text("Outcome"));
        Assert.Equal("running (migrated)", verification.Text("DestinationInstance.Status"));
        Assert.Equal("shut off (migrated)", verification.Text("SourceInstance.Status"));
        Assert.Equal("kvm2", verification.Text("RunsOn"));
    }

    [Fact]
    public async Task A_vm_that_did_not_move_is_not_verified()
    {
        await using var guest = await Lab.StartGuestAsync("unmoved");

        var result = Session.Set("name", guest.Name).Run("""
            Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2
            Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2 -Quiet
            """).AssertNoErrors();

        Assert.Equal("RolledBack", result.Output[0].Text("Outcome"));
        Assert.Equal(false, result.Output[1].BaseObject);
    }

    [Fact]
    public async Task A_vm_on_its_way_is_paused_on_the_destination_and_said_to_be_under_way()
    {
        await using var guest = await Lab.StartGuestAsync("under-way", "--dirty", "10", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using var other = NewSession().Set("name", guest.Name);

        using var moving = other.Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var during = Session.Set("name", guest.Name).Run("Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2").Single;
        moving.Wait().AssertNoErrors();

        Assert.Equal("True", during.Text("IsInProgress"));
        Assert.StartsWith("paused", during.Text("DestinationInstance.Status"), StringComparison.Ordinal);
        Assert.Equal("False", during.Text("IsVerified"));
    }

    [Fact]
    public async Task A_vm_that_is_named_is_verified_also_while_a_host_is_not_seen()
    {
        await using var guest = await Lab.StartGuestAsync("half-seen", "--off");
        var session = Session.Set("name", guest.Name);
        session.Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        await using (await Lab.KillDaemonAsync(Lab.Host2))
        {
            var verification = session.Run("Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2").Single;
            Assert.Equal("Unknown", verification.Text("Outcome"));
            Assert.Equal("shut off (unknown)", verification.Text("SourceInstance.Status"));
            Assert.Contains("Connection refused", verification.Text("DestinationInstance.Error"), StringComparison.Ordinal);

            // A session that has never seen the host knows it by its address.
            using var other = NewSession().Set("name", guest.Name);
            var first = other.Run("Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2").Single;
            Assert.Equal(("Unknown", "kvm1", Lab.Host2.Address), (first.Text("Outcome"), first.Text("Source"), first.Text("Destination")));
            Assert.Contains("Connection refused", first.Text("Message"), StringComparison.Ordinal);

            // Nobody is left who could know this one.
            session.Run("Test-VmMigrationResult no-such-vm -VmHost $kvm1 -Destination $kvm2")
                .AssertError("HostUnreachable", ErrorCategory.ConnectionError, "Connection refused", "See that the host is up");
        }
    }
}
