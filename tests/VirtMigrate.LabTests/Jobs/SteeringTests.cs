using System.Management.Automation;
using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Jobs;

/// <summary>Migrations that somebody else started are changed and stopped at any moment.</summary>
public sealed class SteeringTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task What_is_set_in_flight_is_what_qemu_has_and_a_suspended_guest_runs_again_after_an_abort()
    {
        await using var guest = await Lab.StartGuestAsync("steered", "--dirty", "25", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "100mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest, "--postcopy", "--compressed", "--comp-methods", "xbzrle");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var set = Session.Run("Get-VmMigrationJob $name | Set-VmMigrationJob -MaxDowntime 20 -Bandwidth 9MB -PostCopyBandwidth 7MB -CompressionXbzrleCache 32MB").Single;
        var parameters = await Lab.VirshAsync(Lab.Host1, "qemu-monitor-command", guest.Name, """{"execute":"query-migrate-parameters"}""");
        var downtime = await Lab.VirshAsync(Lab.Host1, "migrate-getmaxdowntime", guest.Name);
        var speed = await Lab.VirshAsync(Lab.Host1, "migrate-getspeed", guest.Name);
        var postCopySpeed = await Lab.VirshAsync(Lab.Host1, "migrate-getspeed", guest.Name, "--postcopy");
        var suspended = Session.Run("Set-VmMigrationJob $name -SuspendGuest").Single;
        var state = await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason");
        var stopped = Session.Run("Stop-VmMigration $name").Single;
        Assert.False((await moving).IsSuccess);

        Assert.Equal(20, ((TimeSpan)set.Get("MaxDowntime")!).TotalMilliseconds);
        Assert.Equal("20", downtime);
        Assert.Equal("9", speed);
        Assert.Equal("7", postCopySpeed);
        Assert.Contains("\"max-postcopy-bandwidth\":7340032", parameters, StringComparison.Ordinal);
        Assert.Contains("\"xbzrle-cache-size\":33554432", parameters, StringComparison.Ordinal);
        Assert.Equal("Running", suspended.Text("Status"));
        Assert.Equal("paused (migrating)", state);
        Assert.Equal("Failed", stopped.Text("Status"));
        Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_guest_that_is_suspended_in_flight_ends_a_migration_that_goes_round_and_runs_on_the_destination()
    {
        await using var guest = await Lab.StartGuestAsync("suspended", "--dirty", "25", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest);
        await WaitForPassAsync(guest, 3);
        var done = Session.Run("Get-VmMigrationJob $name | Set-VmMigrationJob -SuspendGuest | Wait-VmMigrationJob").Single;

        Assert.True((await moving).IsSuccess);
        Assert.Equal("Completed", done.Text("Status"));
        Assert.Equal("running (migrated)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_migration_is_stopped_before_its_first_byte_and_in_a_later_pass_and_at_switch_over_it_ends_on_one_side()
    {
        await using var guest = await Lab.StartGuestAsync("moments", "--dirty", "25", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Run("$null = Connect-VmHost $kvm1").AssertNoErrors();

        var moving = MigrateByVirshAsync(guest);
        try
        {
            await HoldBeforeFirstByteAsync(guest);
            var early = Session.Run("Get-VmMigrationJob $name").Single;
            using var stopping = Session.Begin("Stop-VmMigration $name");
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            await SignalDaemonAsync("CONT");
            Assert.Equal(0, early.Number("Transferred"));
            await AssertStoppedAsync(guest, stopping.Wait(), moving);
        }
        finally
        {
            await SignalDaemonAsync("CONT");
        }

        moving = MigrateByVirshAsync(guest);
        await WaitForPassAsync(guest, 3);
        await AssertStoppedAsync(guest, Session.Run("Stop-VmMigration $name"), moving);

        // With a standstill this long allowed, QEMU stops the guest at once and then has much left to send. It hears of the
        // request when it has sent it, and then either takes the guest back or has just handed it over.
        await Lab.VirshAsync(Lab.Host1, "migrate-setmaxdowntime", guest.Name, "5000");
        moving = MigrateByVirshAsync(guest);
        await EventuallyAsync("QEMU switches over", Lab.Host1, answer => answer is "paused (migrating)", "domstate", guest.Name, "--reason");
        var late = Session.Run("Stop-VmMigration $name").Single.Text("Status");
        var hasMoved = (await moving).IsSuccess;
        Assert.Equal(hasMoved ? "Completed" : "Failed", late);
        await guest.AssertWholeOnAsync(hasMoved ? Lab.Host2 : Lab.Host1);
    }

    [Fact]
    public void Nothing_to_set_is_an_error_that_names_what_can_be_set() => Session.Run("Set-VmMigrationJob any -VmHost $kvm1")
        .AssertError("NothingToSet", ErrorCategory.InvalidArgument, "No setting to change was given", "-MaxDowntime");

    // A destination whose daemon does not answer keeps libvirt from sending anything. It has to answer until libvirt has begun,
    // and then takes several such turns to start the QEMU that is to receive.
    private async Task HoldBeforeFirstByteAsync(LabGuest guest)
    {
        for (var i = 0; i < 300; i++)
        {
            await SignalDaemonAsync("STOP");
            if ((await Lab.VirshAsync(Lab.Host1, "domjobinfo", guest.Name)).Contains("Outgoing migration", StringComparison.Ordinal))
            {
                return;
            }

            await SignalDaemonAsync("CONT");
        }

        Assert.Fail("The migration did not begin.");
    }

    private async Task SignalDaemonAsync(string signal) => await Lab.RunAsync("exec", Lab.Host2.Name, "pkill", "-" + signal, "libvirtd");

    private async Task AssertStoppedAsync(LabGuest guest, SessionResult result, Task<BufferedCommandResult> moving)
    {
        Assert.Equal("Failed", result.Single.Text("Status"));
        Assert.False((await moving).IsSuccess);
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }

    private Task WaitForPassAsync(LabGuest guest, int pass) => EventuallyAsync(
        $"'{guest.Name}' is in pass {pass}",
        Lab.Host1,
        answer => answer.Split('\n').Any(l => l.StartsWith("memory_iteration:", StringComparison.Ordinal) && int.Parse(l.Split(':')[1], null) >= pass),
        "domjobinfo", guest.Name, "--rawstats");

    private Task<BufferedCommandResult> MigrateByVirshAsync(LabGuest guest, params string[] options) => Cli.Wrap("virsh")
        .WithArguments(["-c", Lab.Host1.Tcp, "migrate", "--live", "--persistent", .. options, guest.Name, Lab.Host2.Tcp])
        .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync().Task;
}
