using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Faults;

/// <summary>The process that runs the cmdlet dies or is interrupted half-way.</summary>
public sealed class LostClientTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_managed_migration_dies_with_its_client_and_the_vm_stays()
    {
        await using var guest = await Lab.StartGuestAsync("killed", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        using var client = Start(guest.Name, string.Empty);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        client.Kill();

        await EventuallyAsync("the source has taken the VM back", async () =>
            (await Lab.VirshAsync(Lab.Host1, "domjobinfo", guest.Name)).Contains("None", StringComparison.Ordinal));
        await EventuallyAsync("nothing is left on the destination", async () =>
            (await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name)).Contains("failed to get domain", StringComparison.Ordinal));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_peer_to_peer_migration_survives_its_client_and_the_next_session_sees_it()
    {
        await using var guest = await Lab.StartGuestAsync("survivor", "--dirty", "5", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        using var client = Start(guest.Name, "-PeerToPeer");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        client.Kill();
        var session = Session.Set("name", guest.Name);
        var seen = session.Run("$null = Connect-VmHost $kvm1, $kvm2; Get-VmMigrationJob $name").Single;
        var done = session.Run("Wait-VmMigrationJob $name -VmHost $kvm1").Single;
        var verified = session.Run("Test-VmMigrationResult $name -VmHost $kvm1 -Destination $kvm2").Single;

        Assert.Equal("Running", seen.Text("Status"));
        Assert.Equal("Completed", done.Text("Status"));
        Assert.Equal("True", verified.Text("IsVerified"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Ctrl_c_takes_the_vm_back_before_the_process_ends()
    {
        await using var guest = await Lab.StartGuestAsync("ctrl-c", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        using var client = Start(guest.Name, string.Empty);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        client.Interrupt();
        var exitCode = await client.WaitAsync();

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name), StringComparison.Ordinal);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task Ctrl_c_in_post_copy_waits_for_its_end_and_says_where_the_vm_is()
    {
        await using var guest = await Lab.StartGuestAsync("ctrl-c-post", "--dirty", "4", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "60mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        using var client = Start(guest.Name, "-PostCopy");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Switch-VmMigrationPostCopy $name").AssertNoErrors();
        client.Interrupt();
        var exitCode = await client.WaitAsync();
        var job = Session.Run("Get-VmMigrationJob $name").Single;

        Assert.NotEqual(0, exitCode);
        Assert.Contains("post-copy can't be taken back; its end is waited for", client.Text, StringComparison.Ordinal);
        Assert.Contains("'ctrl-c-post' is running (migrated) on 'kvm2' and only there", client.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("virDomainMigrate", client.Text, StringComparison.Ordinal);
        Assert.Equal("Completed", job.Text("Status"));
        Assert.Equal(100, job.Number("PercentComplete"));
        Assert.Equal(0, job.Number("Remaining"));
        Assert.Equal("kvm2", job.Text("Destination"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    private ShellProcess Start(string vm, string options) =>
        new($"Start-VmMigration '{vm}' -VmHost '{Lab.Host1.Tcp}' -Destination '{Lab.Host2.Tcp}' -Live {options}");
}
