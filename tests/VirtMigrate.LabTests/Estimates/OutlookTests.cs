using System.Globalization;
using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Estimates;

/// <summary>What is ahead of a migration that runs, held to what came of it and to what virsh tells at the same moment.</summary>
public sealed class OutlookTests(LabFixture lab) : LabTest(lab)
{
    private const string Connect = "$null = Connect-VmHost $kvm1, $kvm2; ";

    // 200 Mbit/s are 23 MiB/s.
    [Fact]
    public async Task The_time_left_of_a_migration_that_converges_falls_to_nothing_and_what_it_achieved_is_kept()
    {
        await using var guest = await Lab.StartGuestAsync("left", "--dirty", "8", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "200mbit");

        var output = Session.Set("name", guest.Name).Run(Connect + """
            $job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -AsJob
            while (-not $job.Finished.WaitOne(200)) { Get-VmMigrationJob $name }
            Receive-Job $job
            Get-VmMigrationBandwidth
            """).AssertNoErrors().Output;

        var looks = output.Where(o => o.TypeNames[0].EndsWith("VmMigrationJobInfo", StringComparison.Ordinal) && o.Number("Iteration") > 0).ToArray();
        var (result, achieved) = (output[^2], output[^1]);
        var last = await AccountAsync(Lab.Host2, guest.Name, "--completed");
        AssertLooks(looks, last["time_elapsed"] / 1000.0);
        AssertAchieved(achieved, last, result);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    // 150 Mbit/s are 17 MiB/s; each pass finds all of the 30 MiB changed.
    [Fact]
    public async Task A_migration_that_does_not_converge_has_no_time_left_and_implies_the_time_of_what_remains()
    {
        await using var guest = await Lab.StartGuestAsync("endless", "--memory", "192", "--working-set", "30", "--dirty", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using var other = NewSession().Set("name", guest.Name);
        other.Run(Connect).AssertNoErrors();

        using var running = Session.Set("name", guest.Name).Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
        await EventuallyAsync("the session that drives it tells that nothing is gained any more", () =>
            Task.FromResult(running.Progress.Any(p => p.StatusDescription.Contains("does not converge", StringComparison.Ordinal))));
        var own = running.Progress.Last(p => p.StatusDescription.Contains("does not converge", StringComparison.Ordinal));
        Dictionary<string, long> before = [], after = [];
        PSObject job = new();
        await EventuallyAsync("another session tells so as well", async () =>
        {
            before = await AccountAsync(Lab.Host1, guest.Name);
            job = other.Run("Get-VmMigrationJob $name").Single;
            after = await AccountAsync(Lab.Host1, guest.Name);
            return job.Get("TimeLeft") is null && job.Number("Iteration") == before["memory_iteration"];
        });
        running.Stop();
        var achieved = Session.Run("Get-VmMigrationBandwidth").AssertNoErrors().Output;

        // The session that drives it has seen all passes, the other one sees a single moment, at which a part of the pass has been sent.
        Assert.InRange(before["memory_iteration"], 3, 9);
        Assert.Equal(-1, own.SecondsRemaining);
        Assert.Equal("True", job.Text("IsEndless"));
        var rates = new[] { before, after }.Select(a => (double)a["memory_bps"]).ToArray();
        var remaining = new[] { before, after }.Select(a => (double)a["memory_remaining"]).Append(job.Number("Remaining")).ToArray();
        Assert.InRange(((TimeSpan)job.Get("ImpliedDowntime")!).TotalSeconds,
            remaining.Min() / rates.Max() * 0.7, remaining.Max() / rates.Min() * 1.3);
        Assert.Empty(achieved);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    private static void AssertLooks(PSObject[] looks, double end)
    {
        double Left(PSObject look) => ((TimeSpan)look.Get("TimeLeft")!).TotalSeconds;
        double Truth(PSObject look) => end - ((TimeSpan)look.Get("Duration")!).TotalSeconds;

        var told = looks.Where(l => l.Get("TimeLeft") is not null).ToArray();
        Assert.All(looks, l => Assert.Equal("False", l.Text("IsEndless")));
        Assert.True(told.Length > 10 && told.Length > looks.Length / 2, $"{told.Length} of {looks.Length} looks told a time left.");
        Assert.True(Left(told[^1]) < Left(told[0]) / 3, $"from {Left(told[0])} to {Left(told[^1])}");

        // How much of the memory is zeroes only the first pass shows.
        var later = told.Where(l => l.Number("Iteration") > 1).ToArray();
        Assert.NotEmpty(later);
        Assert.All(later, l => Assert.InRange(Left(l) - Truth(l), -1.5 - (0.3 * Truth(l)), 1.5 + (0.3 * Truth(l))));
        Assert.All(later, l => Assert.NotNull(l.Get("ImpliedDowntime")));
    }

    private static void AssertAchieved(PSObject achieved, Dictionary<string, long> last, PSObject result)
    {
        Assert.Equal(("kvm1", "kvm2"), (achieved.Text("Source"), achieved.Text("Destination")));
        Assert.Equal(last["memory_processed"], achieved.Number("Transferred"));

        // Libvirt's time begins with the preparation of the destination, and its rate may be that of the last moment.
        var begin = (TimeSpan)result.All("Phases").Single(p => p.Text("Phase") is "Copying").Get("Start")!;
        var moving = (last["time_elapsed"] / 1000.0) - begin.TotalSeconds;
        var (moved, overhead) = ((TimeSpan)achieved.Get("Duration")!, (TimeSpan)achieved.Get("Overhead")!);
        Assert.InRange(moved.TotalSeconds, moving * 0.93, moving * 1.07);
        Assert.InRange(achieved.Number("BytesPerSecond"), last["memory_processed"] / moving * 0.93, last["memory_processed"] / moving * 1.07);
        Assert.Equal(((TimeSpan)result.Get("Duration")!).TotalSeconds, (moved + overhead).TotalSeconds, 0.001);
    }

    // virsh domjobinfo also prints what is no number.
    private static async Task<Dictionary<string, long>> AccountAsync(LabHost host, string vm, params string[] options) =>
        (await Lab.VirshAsync(host, ["domjobinfo", vm, "--rawstats", .. options])).Split('\n')
            .Select(l => l.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(p => p.Length == 2 && long.TryParse(p[1], CultureInfo.InvariantCulture, out _))
            .ToDictionary(p => p[0], p => long.Parse(p[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
}
