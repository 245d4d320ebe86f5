using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Jobs;

/// <summary>Migrations are seen and steered by any session, whoever started them.</summary>
public sealed class MigrationJobTests(LabFixture lab) : LabTest(lab)
{
    private const string Connect = "$null = Connect-VmHost $kvm1, $kvm2; ";

    [Fact]
    public async Task A_migration_that_virsh_started_is_seen_while_it_runs_and_after()
    {
        await using var guest = await Lab.StartGuestAsync("seen", "--dirty", "10", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "200mbit");
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();

        var moving = MigrateByVirshAsync(guest.Name);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var during = Session.Run("Get-VmMigrationJob $name").Single;
        Assert.True((await moving).IsSuccess);
        var after = Session.Run("Get-VmMigrationJob $name").Single;

        Assert.Equal("Running", during.Text("Status"));
        Assert.Equal("kvm1", during.Text("Source"));
        Assert.Equal("kvm2", during.Text("Destination"));
        Assert.InRange(during.Number("PercentComplete"), 0, 99);
        Assert.True(during.Number("Transferred") > 0);
        Assert.Equal(300, ((TimeSpan)during.Get("MaxDowntime")!).TotalMilliseconds);
        Assert.Equal("Completed", after.Text("Status"));
        Assert.Equal("kvm2", after.Text("Destination"));
        Assert.True(((TimeSpan)after.Get("Downtime")!).TotalMilliseconds > 0);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_migration_of_another_session_is_waited_for()
    {
        await using var guest = await Lab.StartGuestAsync("waited", "--dirty", "10", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "200mbit");
        using var other = NewSession().Set("name", guest.Name);
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();

        using var moving = other.Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var done = Session.Run("Get-VmMigrationJob $name | Wait-VmMigrationJob").Single;

        Assert.Equal("Completed", done.Text("Status"));
        Assert.Equal(100, done.Number("PercentComplete"));
        Assert.Equal("Completed", moving.Wait().Single.Text("Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Waiting_ends_with_an_error_when_the_time_is_up_and_the_migration_goes_on()
    {
        await using var guest = await Lab.StartGuestAsync("wait-timeout", "--dirty", "10", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();

        var moving = MigrateByVirshAsync(guest.Name);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var result = Session.Run("Get-VmMigrationJob $name | Wait-VmMigrationJob -Timeout 1");

        result.AssertError("MigrationNotFinished", System.Management.Automation.ErrorCategory.OperationTimeout, guest.Name, "Wait-VmMigrationJob");
        Assert.True((await moving).IsSuccess);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_migration_of_another_session_is_stopped_cleanly()
    {
        await using var guest = await Lab.StartGuestAsync("stopped", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();

        var moving = MigrateByVirshAsync(guest.Name);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var stopped = Session.Run("Get-VmMigrationJob $name | Stop-VmMigration -Confirm:$false").Single;

        Assert.Equal("Failed", stopped.Text("Status"));
        Assert.False((await moving).IsSuccess);
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }

    [Fact]
    public async Task A_downtime_limit_that_is_raised_in_flight_ends_a_migration_that_goes_round()
    {
        await using var guest = await Lab.StartGuestAsync("raise", "--dirty", "25", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using var other = NewSession().Set("name", guest.Name);
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();

        using var moving = other.Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -MaxDowntime 20");
        await EventuallyAsync(
            "the migration goes round",
            Lab.Host1,
            answer => answer.Split('\n').Any(l => l.StartsWith("memory_iteration:", StringComparison.Ordinal) && int.Parse(l.Split(':')[1], null) > 3),
            "domjobinfo", guest.Name, "--rawstats");
        var set = Session.Run("Get-VmMigrationJob $name | Set-VmMigrationJob -MaxDowntime 20000").Single;
        var result = moving.Wait().Single;

        Assert.Equal(20000, ((TimeSpan)set.Get("MaxDowntime")!).TotalMilliseconds);
        Assert.Equal("Completed", result.Text("Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_bandwidth_that_is_lowered_in_flight_slows_the_migration()
    {
        await using var guest = await Lab.StartGuestAsync("slow", "--memory", "512", "--dirty", "10", "--working-set", "200");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "300mbit");
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();
        using var other = NewSession().Set("name", guest.Name);

        using var moving = other.Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        Session.Run("Set-VmMigrationJob $name -VmHost $kvm1 -Bandwidth 3MB").AssertNoErrors();
        var speed = await Lab.VirshAsync(Lab.Host1, "migrate-getspeed", guest.Name);
        Session.Run("Set-VmMigrationJob $name -VmHost $kvm1 -Bandwidth 300MB").AssertNoErrors();

        Assert.Equal("3", speed);
        Assert.Equal("Completed", moving.Wait().Single.Text("Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Listing_does_not_wait_for_a_vm_whose_job_lock_is_taken()
    {
        await using var guest = await Lab.StartGuestAsync("locked", "--dirty", "4", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "100mbit");
        Session.Set("name", guest.Name).Run(Connect).AssertNoErrors();

        // While a VM arrives, its destination holds its lock for as long as the migration takes.
        var moving = MigrateByVirshAsync(guest.Name);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var jobs = Session.Run("Get-VmMigrationJob -VmHost $kvm2").AssertNoErrors();

        Assert.False(moving.IsCompleted);
        Assert.Equal("Running", Assert.Single(jobs.Output).Text("Status"));
        Assert.True((await moving).IsSuccess);
    }

    private Task<BufferedCommandResult> MigrateByVirshAsync(string vm) => Cli.Wrap("virsh")
        .WithArguments(["-c", Lab.Host1.Tcp, "migrate", "--live", "--persistent", vm, Lab.Host2.Tcp])
        .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync().Task;
}
