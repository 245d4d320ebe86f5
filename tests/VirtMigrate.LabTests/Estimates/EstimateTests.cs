using System.Globalization;
using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Estimates;

/// <summary>Estimates, and the migrations that follow them.</summary>
public sealed class EstimateTests(LabFixture lab) : LabTest(lab)
{
    private const long MiB = 1024 * 1024;

    [Fact]
    public async Task A_guest_that_the_link_can_follow_is_told_so_and_moves_as_told()
    {
        await using var guest = await Lab.StartGuestAsync("followed", "--memory", "256", "--dirty", "8", "--working-set", "40");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "300mbit");

        // The first migration shows what the link carries.
        Session.Set("name", guest.Name).Run("$back = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 | Start-VmMigration -Destination $kvm1").AssertNoErrors();
        var result = Session.Run(
            "$estimate = Measure-VmDirtyRate $name -VmHost $kvm1 -Period 1,2,5,2,1 | Get-VmMigrationEstimate -Destination $kvm2; $estimate | Start-VmMigration").Single;
        var estimate = Session.Run("$estimate").Single;

        Assert.Equal("Converges", estimate.Text("Verdict"));
        Assert.Equal("Achieved", estimate.Text("BandwidthSource"));
        Assert.Contains("migration", estimate.Text("BandwidthEvidence"), StringComparison.Ordinal);
        Assert.InRange(estimate.Number("Bandwidth"), 15 * MiB, 40 * MiB);

        // Less than the guest's memory and QEMU's own together.
        Assert.InRange(estimate.Number("ResidentMemory"), 60 * MiB, 256 * MiB);
        Assert.Equal(5, estimate.All("DirtyRate.Readings").Count);
        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(estimate.Text("Time"), result.Text("Estimate.Time"));

        // All that the guest keeps writing crosses at least once. How close an estimate comes is the benchmark's: a busy machine slows guest and link.
        Assert.InRange(result.Number("Transferred"), 40 * MiB, (long)(1.6 * estimate.Number("Transferred")));
        Assert.InRange(((TimeSpan)result.Get("Duration")!) / ((TimeSpan)estimate.Get("Duration")!), 0.25, 4.0);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_guest_that_the_link_cannot_follow_gets_options_with_which_it_moves()
    {
        await using var guest = await Lab.StartGuestAsync("chased", "--memory", "256", "--dirty", "40", "--working-set", "120");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        Session.Set("name", guest.Name).Set("link", 17 * MiB).Run("$rate = Measure-VmDirtyRate $name -VmHost $kvm1 -Period 1,2,5,2,1").AssertNoErrors();

        var estimate = Session.Run("$estimate = $rate | Get-VmMigrationEstimate -Destination $kvm2 -Bandwidth $link; $estimate").Single;
        Assert.Equal("WillNotConverge", estimate.Text("Verdict"));
        Assert.Equal("Given", estimate.Text("BandwidthSource"));
        Assert.Null(estimate.Get("Duration"));
        Assert.InRange(estimate.Number("MinimumBandwidth"), 25 * MiB, 120 * MiB);
        Assert.InRange(estimate.Number("AutoConvergeThrottle"), 40, 90);
        Assert.True(((TimeSpan)estimate.Get("MinimumMaxDowntime")!).TotalSeconds is > 2 and < 20);
        Assert.Contains("-AutoConverge", estimate.Text("Recommendation.Added"), StringComparison.Ordinal);
        Assert.Equal("Converges", estimate.Text("Recommendation.Forecast.Verdict"));
        Assert.True(((TimeSpan)estimate.Get("PostCopyDuration")!).TotalSeconds > 5);

        var result = Session.Run("$estimate | Start-VmMigration -PostCopy -PostCopyAfterPrecopy").Single;
        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(
            ["True", "True", (17 * MiB).ToString(CultureInfo.InvariantCulture)],
            Session.Set("result", result).Run("$result.Options['AutoConverge','PostCopy','Bandwidth'] | ForEach-Object { \"$_\" }").Output.Select(o => (string)o.BaseObject));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task The_way_is_known_from_the_link_then_from_what_was_achieved_and_can_be_taken_along()
    {
        await using var guest = await Lab.StartGuestAsync("known", "--memory", "192");
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".xml");
        Session.Set("name", guest.Name).Set("file", file).Run("$rate = Measure-VmDirtyRate $name -VmHost $kvm1 -Period 1").AssertNoErrors();

        var first = Session.Run("$rate | Get-VmMigrationEstimate -Destination $kvm2").Single;
        Assert.Equal("LinkSpeed", first.Text("BandwidthSource"));
        Assert.Contains("Gbit/s", first.Text("BandwidthEvidence"), StringComparison.Ordinal);

        await using (await Lab.LimitAsync(Lab.Host1, "200mbit"))
        {
            Session.Run("$moved = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").AssertNoErrors();
        }

        Session.Run("$back = $moved | Start-VmMigration -Destination $kvm1 -Bandwidth 500MB; $records = @(Get-VmMigrationBandwidth)").AssertNoErrors();
        var second = Session.Run("$rate | Get-VmMigrationEstimate -Destination $kvm2").Single;
        Assert.Equal("Achieved", second.Text("BandwidthSource"));
        Assert.InRange(second.Number("Bandwidth"), 15 * MiB, 25 * MiB);

        var records = Session.Run("$records").Output.Select(r => r.BaseObject).ToArray();
        using var later = NewSession().Set("rate", Session.Run("$rate").Single.BaseObject).Set("records", records);
        var third = later.Run("$rate | Get-VmMigrationEstimate -Destination $kvm2 -History $records").Single;
        Assert.Equal(("Achieved", second.Number("Bandwidth")), (third.Text("BandwidthSource"), third.Number("Bandwidth")));
    }

    [Fact]
    public async Task A_vm_that_stands_still_is_not_measured()
    {
        await using var guest = await Lab.StartGuestAsync("still", "--memory", "192", "--off");

        var off = Session.Set("name", guest.Name).Run("Get-VmMigrationEstimate $name -VmHost $kvm1 -Destination $kvm2").Single;
        Assert.Equal(("Converges", 0L), (off.Text("Verdict"), off.Number("ResidentMemory")));
        Assert.Null(off.Get("DirtyRate"));

        await Lab.VirshAsync(Lab.Host1, "start", guest.Name, "--paused");
        var paused = Session.Run("Get-VmMigrationEstimate $name -VmHost $kvm1 -Destination $kvm2").Single;
        Assert.Equal("Converges", paused.Text("Verdict"));
        Assert.Null(paused.Get("DirtyRate"));
        Assert.Equal("as given", paused.Text("Recommendation"));
    }

    [Fact]
    public async Task What_cannot_be_estimated_says_why_and_the_others_go_on()
    {
        await using var guest = await Lab.StartGuestAsync("odd", "--memory", "192", "--off");
        Session.Set("name", guest.Name).Set("nobody", Lab.Host2.Tcp.Replace("/system", ":1/system", StringComparison.Ordinal));

        Session.Run("Get-VmMigrationEstimate none -VmHost $kvm1 -Destination $kvm2")
            .AssertError("VmNotFound", ErrorCategory.ObjectNotFound, "none", "Get-Vm");
        Session.Run("Get-VmMigrationEstimate $name -VmHost $kvm1 -Destination $nobody")
            .AssertError("HostUnreachable", ErrorCategory.ConnectionError, ":1", "See that the host is up");
        var both = Session.Run("Get-VmMigrationEstimate none,$name -VmHost $kvm1 -Destination $kvm2");
        Assert.Single(both.Output);
        Assert.Single(both.Errors);
    }
}
