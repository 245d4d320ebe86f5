using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.PostCopy;

/// <summary>Migrations are switched to post-copy by hand, from any session.</summary>
public sealed class SwitchTests(LabFixture lab) : PostCopyTest(lab)
{
    [Fact]
    public async Task A_migration_that_virsh_started_is_switched_and_ends_with_the_guest_on_the_destination()
    {
        await using var guest = await Lab.StartGuestAsync("switched", "--dirty", "25", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest, "--postcopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var switched = Session.Run("Get-VmMigrationJob $name | Switch-VmMigrationPostCopy").Single;
        var again = Session.Run("Switch-VmMigrationPostCopy $name").Single;
        Assert.True((await moving).IsSuccess);

        Assert.Equal("PostCopy", switched.Text("Phase"));
        Assert.Equal("Running", switched.Text("Status"));
        Assert.Equal("kvm1", switched.Text("Source"));
        Assert.Equal("kvm2", switched.Text("Destination"));
        Assert.Equal("PostCopy", again.Text("Phase"));
        await AssertArrivedAsync(guest);
    }

    [Fact]
    public async Task A_migration_without_post_copy_is_neither_switched_nor_resumed_and_goes_on()
    {
        await using var guest = await StartGuestAsync("unswitched");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();
        var idle = Session.Run("Resume-VmMigration $name");

        var moving = MigrateByVirshAsync(guest);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var refused = Session.Run("Get-VmMigrationJob $name | Switch-VmMigrationPostCopy");
        var unbroken = Session.Run("Resume-VmMigration $name");
        Assert.True((await moving).IsSuccess);
        var late = Session.Run("Get-Vm $name -VmHost $kvm2 | Switch-VmMigrationPostCopy");

        refused.AssertError("PostCopyNotEnabled", ErrorCategory.InvalidOperation, guest.Name, "Start-VmMigration unswitched -PostCopy");
        idle.AssertError("NotPostCopyPaused", ErrorCategory.InvalidOperation, guest.Name, "Get-VmMigrationJob unswitched");
        unbroken.AssertError("NotPostCopyPaused", ErrorCategory.InvalidOperation, "is Running", "Get-VmMigrationJob unswitched");
        late.AssertError("NoMigrationJob", ErrorCategory.ObjectNotFound, guest.Name, "Get-VmMigrationJob");
        await AssertArrivedAsync(guest);
    }
}
