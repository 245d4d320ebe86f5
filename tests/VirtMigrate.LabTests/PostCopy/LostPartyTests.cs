using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.PostCopy;

/// <summary>A client, a daemon or a QEMU goes away while a guest is in post-copy.</summary>
public sealed class LostPartyTests(LabFixture lab) : PostCopyTest(lab)
{
    [Fact]
    public async Task Post_copy_whose_client_dies_is_followed_to_its_end_by_another_session()
    {
        await using var guest = await StartGuestAsync("orphan");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "100mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        using var client = new ShellProcess($"Start-VmMigration '{guest.Name}' -VmHost '{Lab.Host1.Tcp}' -Destination '{Lab.Host2.Tcp}' -PostCopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);

        // The two QEMUs go on: the rest of the memory is to be on its way until somebody looks.
        await using var crawl = await Lab.LimitAsync(Lab.Host1, "10mbit");
        client.Kill();
        await WaitForStateAsync(Lab.Host1, guest, SourceBroken);
        var seen = Session.Run("Get-VmMigrationJob $name").Single;
        await using var walk = await Lab.LimitAsync(Lab.Host1, "40mbit");
        var resumed = Session.Run("Resume-VmMigration $name").Single;

        Assert.Equal("Running", seen.Text("Status"));
        Assert.Equal("PostCopy", seen.Text("Phase"));
        Assert.Equal("Completed", resumed.Text("Outcome"));
        await AssertArrivedAsync(guest);
    }

    [Fact]
    public async Task Post_copy_whose_client_and_connection_are_gone_is_resumed_by_another_session()
    {
        await using var guest = await StartGuestAsync("orphan-cut");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "80mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        using var client = new ShellProcess($"Start-VmMigration '{guest.Name}' -VmHost '{Lab.Host1.Tcp}' -Destination '{Lab.Host2.Tcp}' -PostCopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);
        client.Kill();
        await Lab.ResetMemoryStreamAsync(Lab.Host1, Lab.Host2);
        await WaitForStateAsync(Lab.Host1, guest, SourceBroken);
        await WaitForStateAsync(Lab.Host2, guest, DestinationBroken);
        var seen = Session.Run("Get-VmMigrationJob $name").Single;
        await limit.DisposeAsync();
        var resumed = Session.Run("Resume-VmMigration $name -PeerToPeer").Single;

        Assert.Equal("PostCopyPaused", seen.Text("Status"));
        Assert.Equal("Completed", resumed.Text("Outcome"));
        await AssertArrivedAsync(guest);
    }

    [Fact]
    public async Task A_destination_daemon_that_dies_in_post_copy_costs_nothing_but_its_supervision()
    {
        await using var guest = await StartGuestAsync("daemonless");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "80mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest, "--postcopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);

        // The two QEMUs need no daemon: the rest of the memory is to be on its way until somebody resumes.
        await using var crawl = await Lab.LimitAsync(Lab.Host1, "10mbit");
        await Lab.RestartDaemonAsync(Lab.Host2);
        Assert.False((await moving).IsSuccess);
        await crawl.DisposeAsync();
        var resumed = Session.Run("Resume-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single;

        Assert.Equal("Completed", resumed.Text("Outcome"));
        await AssertArrivedAsync(guest);
    }

    [Fact]
    public async Task A_qemu_that_does_not_answer_ends_the_attempt_at_its_deadline_and_a_later_one_succeeds()
    {
        await using var guest = await StartGuestAsync("hung");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "80mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest, "--postcopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);
        await Lab.ResetMemoryStreamAsync(Lab.Host1, Lab.Host2);
        await WaitForStateAsync(Lab.Host2, guest, DestinationBroken);
        Assert.False((await moving).IsSuccess);
        await guest.SignalAsync(Lab.Host2, "STOP");
        using (var process = new ShellProcess(
            $"Resume-VmMigration '{guest.Name}' -VmHost '{Lab.Host1.Tcp}' -Destination '{Lab.Host2.Tcp}' -StallTimeout 2; 'the session goes on'"))
        {
            // The call hangs, and neither the command nor its process does.
            Assert.Equal(0, await process.WaitAsync());
            Assert.Contains("did not continue within 2 s", process.Text, StringComparison.Ordinal);
            Assert.Contains("the session goes on", process.Text, StringComparison.Ordinal);
        }

        var late = Session.Run("Resume-VmMigration $name -StallTimeout 2");
        var other = Session.Run("Get-VmMigrationJob $name");
        await guest.SignalAsync(Lab.Host2, "CONT");
        await limit.DisposeAsync();
        var resumed = Session.Run("Resume-VmMigration $name").Single;

        late.AssertError("ResumeTimedOut", ErrorCategory.OperationTimeout, guest.Name, "Resume-VmMigration hung");
        Assert.Equal("PostCopyPaused", Assert.Single(late.Output).Text("Outcome"));
        Assert.Equal("PostCopyPaused", other.Single.Text("Status"));
        Assert.Equal("Completed", resumed.Text("Outcome"));
        await AssertArrivedAsync(guest);
    }

    [Fact]
    public async Task A_half_that_is_gone_is_named_and_the_other_is_left_alone()
    {
        await using var guest = await StartGuestAsync("half");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "80mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest, "--postcopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);
        await Lab.RunAsync("kill", Lab.Host2.Name, "qemu", guest.Name);
        Assert.False((await moving).IsSuccess);
        await WaitForStateAsync(Lab.Host1, guest, SourceBroken);
        var result = Session.Run("Resume-VmMigration $name");

        result.AssertError("PostCopyLost", ErrorCategory.InvalidResult, "A half of 'half' is gone", "on one host only");
        Assert.Equal("GuestCrashed", Assert.Single(result.Output).Text("Outcome"));
        Assert.Equal(SourceBroken, await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
    }
}
