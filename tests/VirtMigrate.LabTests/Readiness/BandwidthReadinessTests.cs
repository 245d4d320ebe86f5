using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What is foretold of a guest that changes its memory faster than it can be sent, and what then comes of it.</summary>
public sealed class BandwidthReadinessTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_guest_that_is_faster_than_what_may_be_sent()
    {
        await using var guest = await Lab.StartGuestAsync("busy", "--dirty", "20", "--working-set", "240", "--memory", "384");
        Session.Set("name", guest.Name);

        Assert.Equal("NotVerified", Look(string.Empty).Text("Status"));
        var above = Look("-Bandwidth 8MB -MeasureDirtyRate");
        Assert.Equal("Failed", above.Text("Status"));
        Assert.Contains("-AutoConverge", above.Text("Recommendation"), StringComparison.Ordinal);
        Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Bandwidth 8MB -Timeout 5 -SkipCheck All")
            .AssertError("MigrationTimedOut", ErrorCategory.OperationTimeout, "aborted after 5 s", "-Timeout");

        // By now it is known, and the same guest moves where more may be sent.
        Assert.Equal("Warning", Look("-Bandwidth 8MB -AutoConverge").Text("Status"));
        Assert.Equal("Passed", Look("-Bandwidth 200MB").Text("Status"));
        Assert.Equal("Completed", Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Bandwidth 200MB").Single.Text("Outcome"));
    }

    private PSObject Look(string options)
    {
        var report = Session.Run($"Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $kvm2 -Category Bandwidth {options}").Single;
        var check = Assert.Single(report.All("Checks"), c => c.Text("Id") is "DirtyRate");
        TestContext.Current.TestOutputHelper?.WriteLine($"{check} | {string.Join(" | ", check.All("Evidence"))}");
        return check;
    }
}
