using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Migration;

/// <summary>Time, rate and standstill are held to what was asked for.</summary>
public sealed class LimitTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_migration_that_takes_too_long_is_aborted_and_the_vm_stays()
    {
        await using var guest = await Lab.StartGuestAsync("timeout", "--dirty", "30", "--working-set", "120");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        var result = Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -Timeout 4");

        result.AssertError("MigrationTimedOut", ErrorCategory.OperationTimeout, "aborted after 4 s", "-Timeout");
        Assert.Equal("RolledBack", Assert.Single(result.Output).Text("Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }

    [Fact]
    public async Task The_bandwidth_is_capped()
    {
        await using var guest = await Lab.StartGuestAsync("cap", "--dirty", "2", "--working-set", "100");

        var result = Session.Set("name", guest.Name)
            .Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -Bandwidth 20MB").Single;

        Assert.InRange(result.Number("Throughput"), 10L << 20, 24L << 20);
        Assert.Contains("--bandwidth 20", result.Text("Command"), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task The_downtime_limit_reaches_qemu_and_goes_back_when_the_vm_stays()
    {
        await using var guest = await Lab.StartGuestAsync("downtime", "--dirty", "30", "--working-set", "120");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        var before = await Lab.VirshAsync(Lab.Host1, "migrate-getmaxdowntime", guest.Name);

        using var running = Session.Set("name", guest.Name)
            .Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -MaxDowntime 123");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var during = await Lab.VirshAsync(Lab.Host1, "migrate-getmaxdowntime", guest.Name);
        running.Stop();
        var after = await Lab.VirshAsync(Lab.Host1, "migrate-getmaxdowntime", guest.Name);

        Assert.Equal("123", during);
        Assert.Equal(before, after);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }
}
