using System.Collections.Concurrent;
using System.Globalization;
using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.DirtyRates;

/// <summary>What is measured is what the guest does, and what virsh measures.</summary>
public sealed class DirtyRateTests(LabFixture lab) : LabTest(lab)
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task A_guest_of_a_known_rate_reads_it_and_flattens_at_its_working_set()
    {
        await using var guest = await Lab.StartGuestAsync("writes", "--dirty", "40", "--working-set", "120");

        var run = Session.Set("name", guest.Name).Run("$rate = Measure-VmDirtyRate $name -VmHost $kvm1 -Period 1,2,10; $rate");

        var rate = run.Single;
        Assert.Equal(ProgressRecordType.Completed, run.Progress[^1].RecordType);
        Assert.Contains(run.Progress, p => string.Equals(p.Activity, "Measuring the dirty rate of 'writes'", StringComparison.Ordinal));

        // The last figure is the one that QEMU keeps.
        var statistics = await StatisticsAsync(guest.Name);
        TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(", ", rate.All("Readings"))}; {rate.Text("Curve")}");
        Assert.Equal(statistics["megabytes_per_second"], (rate.Number("BytesPerSecond") / MiB).ToString(CultureInfo.InvariantCulture));
        Assert.Equal((statistics["calc_period"], statistics["calc_mode"]), ("10", "page-sampling"));
        Assert.Equal((TimeSpan.FromSeconds(10), "PageSampling", "kvm1"), (rate.Get("Period"), rate.Text("Mode"), rate.Text("VmHost.Name")));

        // 128 pages stand for the guest's memory, so that chance has its share in the figures.
        var readings = rate.All("Readings").Select(r => (r.Number("BytesPerSecond") / MiB, r.Number("DistinctBytes") / MiB)).ToArray();
        Assert.InRange(readings[0].Item1, 20, 65);
        Assert.InRange(readings[1].Item1, 20, 65);
        Assert.InRange(readings[2].Item1, 8, 17);
        Assert.InRange(readings[2].Item2, 80, 170);

        // And so virsh sees this guest.
        Assert.Contains("successfully", await Lab.VirshAsync(Lab.Host1, "domdirtyrate-calc", guest.Name, "2"), StringComparison.Ordinal);
        await EventuallyAsync("virsh has measured", async () => (await StatisticsAsync(guest.Name))["calc_status"] is "2");
        Assert.InRange(long.Parse((await StatisticsAsync(guest.Name))["megabytes_per_second"], CultureInfo.InvariantCulture), 20, 65);

        // It speaks of its VM to whatever comes after it.
        Assert.Equal(guest.Name, Session.Run("$rate | Get-Vm").Single.Text("Name"));
    }

    [Fact]
    public async Task Vms_are_measured_side_by_side_until_the_pipeline_is_stopped()
    {
        // They can be measured while they boot.
        await using var one = await Lab.StartGuestAsync("side-1", "--off");
        await using var two = await Lab.StartGuestAsync("side-2", "--off");
        await Task.WhenAll(new[] { one, two }.Select(guest => Lab.VirshAsync(Lab.Host1, "start", guest.Name)));
        var rounds = new ConcurrentQueue<PSObject>();
        Session.Set("rounds", rounds);

        using (var watch = Session.Begin("Get-Vm 'side-?' -VmHost $kvm1 | Measure-VmDirtyRate -Period 1 -Watch | ForEach-Object { $rounds.Enqueue($_) }"))
        {
            await EventuallyAsync("two rounds are through", () => Task.FromResult(rounds.Count >= 4));
            watch.Stop();
        }

        Assert.Equal(["side-1", "side-2", "side-1", "side-2"], rounds.Take(4).Select(r => r.Text("Vm")));
        await EventuallyAsync("QEMU has ended what was left", async () => !await IsMeasuredAsync(one) && !await IsMeasuredAsync(two));

        using var running = Session.Begin("Get-Vm 'side-?' -VmHost $kvm1 | Measure-VmDirtyRate -Period 1,40");
        await EventuallyAsync("both are measured at the same time", async () =>
            await IsMeasuredAsync(one, seconds: 40) && await IsMeasuredAsync(two, seconds: 40));
        await EventuallyAsync("the bar has moved on", () => Task.FromResult(running.Progress.Any(p => p.SecondsRemaining < 39)));
        running.Stop();

        // Whoever leaves waits for nothing of the host: it still measures.
        Assert.True(await IsMeasuredAsync(one, seconds: 40) && await IsMeasuredAsync(two, seconds: 40));
        var stopped = running.Wait();
        Assert.Empty(stopped.Output);
        Assert.Empty(stopped.Errors);
        Assert.Equal("Measuring the dirty rates of 2 VMs", Assert.Single(stopped.Progress.Select(p => p.Activity).Distinct(StringComparer.Ordinal)));
        Assert.Contains(stopped.Progress, p => p is { SecondsRemaining: > 39, StatusDescription: "0 of 2 done" });
        Assert.Equal(stopped.Progress.Select(p => p.PercentComplete).Order(), stopped.Progress.Select(p => p.PercentComplete));
    }

    private async Task<bool> IsMeasuredAsync(LabGuest guest, int? seconds = null)
    {
        var statistics = await StatisticsAsync(guest.Name);
        return statistics["calc_status"] is "1" && (seconds is null || int.Parse(statistics["calc_period"], CultureInfo.InvariantCulture) == seconds);
    }

    // What virsh domstats says of the last measurement, by the names after "dirtyrate.".
    private async Task<Dictionary<string, string>> StatisticsAsync(string name) =>
        (await Lab.VirshAsync(Lab.Host1, "domstats", name, "--dirtyrate")).Split('\n')
            .Select(l => l.Trim()).Where(l => l.StartsWith("dirtyrate.", StringComparison.Ordinal))
            .Select(l => l["dirtyrate.".Length..].Split('=')).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
}
