using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Migration;

/// <summary>What becomes of a guest that writes faster than its memory moves where nothing is done about it.</summary>
public sealed class ConvergenceTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task A_guest_that_writes_faster_than_the_link_goes_round_until_somebody_stops_it()
    {
        // 150 Mbit/s are 17 MiB/s.
        await using var guest = await Lab.StartGuestAsync("round", "--memory", "192", "--working-set", "30", "--dirty", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using var other = NewSession().Set("name", guest.Name);

        using var running = Session.Set("name", guest.Name).Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        other.Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();
        await EventuallyAsync("memory is sent for the sixth time", () => Task.FromResult(
            other.Run("Get-VmMigrationJob $name").Single is var job && job.Number("Iteration") >= 6));
        var job = other.Run("Get-VmMigrationJob $name").Single;
        var stopped = other.Run("Stop-VmMigration $name").Single;
        var run = running.Wait();

        Assert.Equal("Running", job.Text("Status"));
        Assert.Equal("Failed", stopped.Text("Status"));

        // Of a stop from elsewhere, libvirt's call says that it was canceled, or that the stream it was sent over is gone.
        var error = Assert.Single(run.Errors);
        Assert.Contains(error.FullyQualifiedErrorId.Split(',')[0], (string[])["MigrationStopped", "MigrationStreamBroken"]);
        Assert.Contains("Start-VmMigration", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        var result = Assert.Single(run.Output);
        Assert.Equal("RolledBack", result.Text("Outcome"));
        Assert.Empty(result.All("Decisions"));

        // After the first pass, every later one begins with more than could move within the downtime that is allowed.
        var samples = result.All("Samples").Where(s => s.Number("Iteration") > 1).ToArray();
        var passes = samples.Select(s => s.Number("Iteration")).ToArray();
        Assert.Equal(passes.Order(), passes);
        Assert.InRange(passes.Distinct().Count(), 4, int.MaxValue);
        var allowed = samples.Max(s => s.Number("Rate")) * ((TimeSpan)job.Get("MaxDowntime")!).TotalSeconds;
        Assert.All(samples.DistinctBy(s => s.Number("Iteration")), s => Assert.True(s.Number("Remaining") > allowed, $"{s.Get("Remaining")} fit into {allowed}"));
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }
}
