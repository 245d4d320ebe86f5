using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Policies;

/// <summary>A guest that writes faster than it moves comes to the end that each built-in policy has for it.</summary>
public sealed class BuiltInPolicyTests(LabFixture lab) : PolicyTest(lab)
{
    private static readonly string[] Limits = ["400", "500", "700", "1000", "1500", "5000"];

    [Fact]
    public async Task Minimal_downtime_raises_the_limit_to_half_a_second_and_gives_up_unless_more_was_allowed()
    {
        await using var guest = await Lab.StartGuestAsync("minimal", Busy);
        var before = await Lab.VirshAsync(Lab.Host1, "migrate-getmaxdowntime", guest.Name);

        var run = Migrate(guest, "-Policy MinimalDowntime");

        run.AssertError("MigrationAbortedByPolicy", ErrorCategory.LimitsExceeded, "> 500 ms: abort", "-Policy PostCopy");
        var result = Assert.Single(run.Output);
        Assert.Equal("RolledBack", result.Text("Outcome"));
        Assert.Equal(["150", "200", "300", "400", "500", "Abort"], Steps(result));
        Assert.Equal("MinimalDowntime", result.Text("Policy"));
        Assert.Equal(true, ((System.Collections.IDictionary)result.Get("Options")!)["AutoConverge"]);

        // Auto-converge had begun to throttle, and every pass had as much to move as the one before.
        var samples = List(result, "Samples").ToArray();
        Assert.Contains(samples, s => s.Get("Throttle") is not null);
        Assert.All(samples.Skip(1), s => Assert.InRange(s.Number("Remaining"), 12L << 20, 60L << 20));
        Assert.Equal(before, await Lab.VirshAsync(Lab.Host1, "migrate-getmaxdowntime", guest.Name));
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);

        // What the user allows wins over the policy, and this guest fits it at once.
        var given = Migrate(guest, "-Policy MinimalDowntime -MaxDowntime 3000").Single;
        Assert.Empty(Steps(given));
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task A_limit_that_is_set_by_hand_meanwhile_stays()
    {
        await using var guest = await Lab.StartGuestAsync("by-hand", Busy);

        using var running = Session.Set("name", guest.Name)
            .Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -Policy MinimalDowntime");
        await EventuallyAsync("the policy has set its first limit", Lab.Host1, answer => answer is "100", "migrate-getmaxdowntime", guest.Name);
        await Lab.VirshAsync(Lab.Host1, "migrate-setmaxdowntime", guest.Name, "160");
        var run = running.Wait();

        Assert.Equal("MigrationAbortedByPolicy", Assert.Single(run.Errors).FullyQualifiedErrorId.Split(',')[0]);
        var steps = Decisions(Assert.Single(run.Output)).Where(d => d.Text("Action").Equals("SetMaxDowntime", StringComparison.Ordinal)).ToArray();
        Assert.Equal(5, steps.Length);
        Assert.All(steps, d => Assert.Equal("Skipped", d.Text("Status")));
        Assert.All(steps, d => Assert.EndsWith("somebody set 160 ms meanwhile, and that stays", d.Text("Reason"), StringComparison.Ordinal));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task Very_large_ends_a_migration_that_had_been_going_round_by_raising_the_limit_in_flight()
    {
        await using var guest = await Lab.StartGuestAsync("large", Busy);

        var result = Migrate(guest, "-Policy VeryLarge").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        var steps = Steps(result);
        Assert.InRange(steps.Count, 2, 6);
        Assert.Equal(Limits.Take(steps.Count), steps);
        Assert.Contains(Decisions(result), d => d.Text("Reason").Equals("-ZeroCopy of the policy is left out: -ZeroCopy requires -Parallel", StringComparison.Ordinal));
        Assert.InRange(((TimeSpan)result.Get("Downtime")!).TotalMilliseconds, 300, 6000);
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task Suspend_if_needed_lets_the_guest_stand_still_for_longer_in_the_end()
    {
        await using var guest = await Lab.StartGuestAsync("longer", Busy);

        // Over two connections xbzrle is not possible; with it the guest's pages are small enough to fit.
        var result = Migrate(guest, "-Policy SuspendIfNeeded -Parallel 2").Single;

        Assert.Equal(["150", "200", "300", "400", "500", "5000"], Steps(result));
        var skipped = Assert.Single(Decisions(result), d => d.Text("Reason").Contains("-Compression xbzrle", StringComparison.Ordinal));
        Assert.Equal(("SetOption", "Skipped"), (skipped.Text("Action"), skipped.Text("Status")));
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task Post_copy_switches_after_a_few_passes()
    {
        await using var guest = await Lab.StartGuestAsync("postcopy", Busy);

        var run = Migrate(guest, "-Policy PostCopy");
        var result = run.Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(["150", "200", "PostCopy"], Steps(result));
        Assert.EndsWith("> 200 ms: switch to post-copy", LastReason(result), StringComparison.Ordinal);
        Assert.Equal(["Checking", "Preparing", "Copying", "PostCopy", "Verifying"], List(result, "Phases").Select(p => p.Text("Phase")));

        // What was changed was told while it happened.
        Assert.All(run.Information, i => Assert.Equal(["VirtMigrate"], i.Tags));
        Assert.Equal(["150 ms", "200 ms", "post-copy"], run.Information.Select(i => i.ToString().Split("allow ")[^1].Split("switch to ")[^1]));
        await AssertMovedAsync(guest);
    }
}
