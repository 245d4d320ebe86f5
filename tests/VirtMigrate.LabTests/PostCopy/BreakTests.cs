using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.PostCopy;

/// <summary>Post-copy is stopped only on purpose; its halves are recognised, protected and put together again.</summary>
public sealed class BreakTests(LabFixture lab) : PostCopyTest(lab)
{
    [Fact]
    public async Task Post_copy_is_stopped_only_by_force_and_after_a_question()
    {
        await using var guest = await StartGuestAsync("forced");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "60mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest, "--postcopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);

        // What is left is to be on its way for as long as it takes to be asked.
        await using var crawl = await Lab.LimitAsync(Lab.Host1, "10mbit");
        var refused = Session.Run("Stop-VmMigration $name");
        var unasked = Session.Run("Stop-VmMigration $name -Force");
        using (var asked = new ShellProcess($"Stop-VmMigration '{guest.Name}' -VmHost '{Lab.Host1.Tcp}' -Force", answers: "n\n"))
        {
            Assert.True(await asked.WaitAsync() == 0, asked.Text);

            // A console breaks lines.
            var text = string.Join(' ', asked.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains("If either host fails before that, its memory is lost. Continue?", text, StringComparison.Ordinal);
        }

        Assert.False(moving.IsCompleted);
        var stopped = Session.Run("Stop-VmMigration $name -Force -Confirm:$false").Single;
        Assert.False((await moving).IsSuccess);

        refused.AssertError("PostCopyActive", ErrorCategory.InvalidOperation, guest.Name, "Wait-VmMigrationJob forced");
        unasked.AssertError("ConfirmationNeeded", ErrorCategory.PermissionDenied, "its memory is lost", "-Confirm:$false");
        Assert.Equal("PostCopyPaused", stopped.Text("Status"));
        Assert.Equal(SourceBroken, await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
        Assert.Equal(DestinationBroken, await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));

        // Recognised by any session, and left alone by every command but one.
        using var other = NewSession().Set("name", guest.Name);
        other.Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();
        var job = other.Run("Get-VmMigrationJob $name").Single;
        Assert.Equal("PostCopyPaused", job.Text("Status"));
        Assert.Equal("kvm1", job.Text("Source"));
        Assert.Equal("kvm2", job.Text("Destination"));
        Assert.Equal("PostCopyPaused", other.Run("Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2").Single.Text("Outcome"));
        foreach (var command in new[]
        {
            "Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2", "Start-VmMigration $name -VmHost $kvm2 -Destination $kvm1",
            "Stop-VmMigration $name", "Stop-VmMigration $name -Force -Confirm:$false", "Switch-VmMigrationPostCopy $name",
            "Set-VmMigrationJob $name -SuspendGuest",
        })
        {
            other.Run(command).AssertError("PostCopyPaused", ErrorCategory.ResourceUnavailable, guest.Name, "Resume-VmMigration forced");
        }

        var half = other.Run("(Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $kvm2 -Category Identity).Obstacles | " +
            "Where-Object Id -eq PostCopyState").Single;
        Assert.Contains("Resume-VmMigration forced", half.Text("Recommendation"), StringComparison.Ordinal);
        Assert.Contains(half.Text("LibvirtError"), await Lab.VirshAsync(Lab.Host1, "migrate", "--live", guest.Name, Lab.Host2.Tcp), StringComparison.Ordinal);

        Assert.Equal(DestinationBroken, await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        await crawl.DisposeAsync();
        var resumed = other.Run("Get-VmMigrationJob $name | Resume-VmMigration -UndefineSource").Single;
        Assert.Equal("Completed", resumed.Text("Outcome"));
        Assert.Contains("--postcopy-resume", resumed.Text("Command"), StringComparison.Ordinal);
        await AssertNotOnAsync(Lab.Host1, guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_cut_connection_breaks_post_copy_and_the_result_resumes_it()
    {
        await using var guest = await StartGuestAsync("cut");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "80mbit");
        using var other = NewSession().Set("name", guest.Name);
        other.Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();
        Session.Set("name", guest.Name);

        using var moving = Session.Begin("$result = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -PostCopy -PeerToPeer; $result");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        other.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        await WaitUntilFetchingAsync(guest);
        await Lab.ResetMemoryStreamAsync(Lab.Host1, Lab.Host2);
        var broken = moving.Wait();
        broken.AssertError("PostCopyFailed", ErrorCategory.OperationStopped, "hold a half each", "Resume-VmMigration cut -VmHost kvm1 -Destination kvm2");
        Assert.Equal("PostCopyPaused", Assert.Single(broken.Output).Text("Outcome"));
        await limit.DisposeAsync();
        var resumed = Session.Run("$result | Resume-VmMigration").Single;

        Assert.Equal("Completed", resumed.Text("Outcome"));
        Assert.Null(resumed.Get("Error"));
        await AssertArrivedAsync(guest);
    }
}
