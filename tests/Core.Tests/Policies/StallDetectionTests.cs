using System.Globalization;
using CsCheck;
using VirtMigrate.Policies;
using Xunit;

namespace VirtMigrate.Tests.Policies;

/// <summary>The stall controller waits while a migration gets anywhere, and ends it at the best moment when it does not.</summary>
public sealed class StallDetectionTests
{
    private static readonly MigrationStallDetection Settings = new();

    [Fact]
    public void A_guest_whose_rest_falls_is_left_alone_however_long_it_takes()
    {
        var guest = Play(Settings);
        for (var rest = 10_000.0; rest > 50; rest *= 0.9)
        {
            guest.Begin(rest, 45);
        }

        Assert.All(guest.Actions, a => Assert.Equal("go on", a));
    }

    [Fact]
    public void The_built_in_policy_looks_back_40_seconds_says_so_and_gives_up_where_nothing_else_was_allowed()
    {
        var guest = new Passes(MigrationPolicies.StallDetect, new(CanPostCopy: false)).Begin(2000, 20);
        for (var rest = 1000.0; guest.Elapsed < TimeSpan.FromSeconds(70); rest *= 0.9)
        {
            guest.Begin(rest, 5);
        }

        guest.Repeat(30, 400, 2);

        Assert.Equal("2,000.0 MiB remaining; the window of 40 s has not passed yet", guest.Decisions[0].Reason);
        Assert.Contains(guest.Decisions, d => d.Reason.EndsWith("4 % below the minimum before the last 40 s", StringComparison.Ordinal));
        Assert.Equal(["Abort"], guest.Steps);
        Assert.EndsWith("> 1.5 × 900 ms: abort", guest.Decisions[^1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stall_within_the_limit_raises_the_limit()
    {
        var decision = Stalled(Settings, 80).Decisions[^1];

        Assert.Equal(MigrationAction.SetMaxDowntime, decision.Action);
        Assert.Equal(TimeSpan.FromMilliseconds(900), decision.MaxDowntime);
        Assert.Equal("implied downtime 800 ms ≤ 900 ms: allow 900 ms", decision.Reason);
    }

    [Fact]
    public void A_stall_within_the_factor_is_tried_with_the_limit_itself()
    {
        var decision = Stalled(Settings, 130).Decisions[^1];

        Assert.Equal("implied downtime 1,300 ms ≤ 1.5 × 900 ms: allow 900 ms", decision.Reason);
        Assert.Equal(TimeSpan.FromMilliseconds(900), decision.MaxDowntime);
    }

    [Fact]
    public void A_stall_beyond_the_factor_is_given_up_with_its_numbers_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CommaCulture();
        try
        {
            var decision = Stalled(Settings, 187).Decisions[^1];

            Assert.Equal(MigrationAction.Abort, decision.Action);
            Assert.Equal("implied downtime 1,870 ms > 1.5 × 900 ms: abort", decision.Reason);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void A_given_downtime_is_the_ceiling()
    {
        var guest = Stalled(Settings, 187, new(CanPostCopy: false, TimeSpan.FromMilliseconds(2000)));

        Assert.Equal("implied downtime 1,870 ms ≤ 2,000 ms: allow 2,000 ms", guest.Decisions[^1].Reason);
    }

    [Theory]
    [InlineData(true, true, "PostCopy")]
    [InlineData(false, true, "Suspend")]
    [InlineData(true, false, "PostCopy")]
    [InlineData(false, false, "Abort")]
    public void What_is_too_long_is_ended_by_the_mildest_way_that_is_allowed(bool postCopy, bool suspend, string expected) =>
        Assert.Equal(expected, Stalled(Settings with { AllowPostCopy = postCopy, AllowSuspend = suspend }, 187, new(CanPostCopy: true)).Actions.Last());

    [Fact]
    public void Post_copy_that_the_migration_began_without_is_no_way() =>
        Assert.Equal("Suspend", Stalled(Settings with { AllowPostCopy = true, AllowSuspend = true }, 187, new(CanPostCopy: false)).Actions.Last());

    [Fact]
    public void A_guest_is_not_suspended_for_longer_than_the_time_that_is_left() =>
        Assert.Equal("Abort", Stalled(Settings with { AllowSuspend = true }, 187, new(false, null, TimeSpan.FromSeconds(61.5))).Actions.Last());

    [Fact]
    public void A_saw_tooth_is_cut_at_its_foot()
    {
        var guest = Play(Settings);
        guest.Begin(4000, 10);
        for (var tooth = 0; guest.Decisions.All(d => d.Action == MigrationAction.Continue) && tooth < 20; tooth++)
        {
            foreach (var rest in new[] { 400.0, 300, 200, 81 })
            {
                guest.Begin(rest, 5);
            }
        }

        var step = guest.Decisions.First(d => d.Action != MigrationAction.Continue);
        Assert.Equal(MigrationAction.SetMaxDowntime, step.Action);
        Assert.Equal(81 * Passes.MiB, step.Remaining);
        Assert.Contains(guest.Decisions, d => d.Reason.Equals("stalled; 400.0 MiB remaining > 84.2 MiB: no local minimum", StringComparison.Ordinal));
    }

    [Fact]
    public void A_minimum_that_does_not_come_again_is_not_waited_for()
    {
        var guest = Play(Settings).Begin(4000, 10).Begin(20, 5).Repeat(100, 100, 5);

        // Stalled at 50 s; the patience of one window ends at 90 s, and from then on the best since the stall counts.
        var step = guest.Decisions.First(d => d.Action != MigrationAction.Continue);
        Assert.InRange(step.Elapsed.TotalSeconds, 90, 110);
        Assert.Equal(100 * Passes.MiB, step.Remaining);
    }

    [Theory]
    [InlineData(true, true, "900, PostCopy")]
    [InlineData(false, true, "900, Suspend, Abort")]
    [InlineData(false, false, "900, Abort")]
    public void A_step_that_leads_to_no_switch_over_in_time_is_followed_by_the_next(bool postCopy, bool suspend, string expected)
    {
        var guest = Stalled(Settings with { AllowPostCopy = postCopy, AllowSuspend = suspend }, 100, new(CanPostCopy: true));
        guest.Wait(59).Begin(100, 0.5).Wait(1).Wait(61).Wait(61);

        Assert.Equal(expected, string.Join(", ", guest.Steps));
        Assert.StartsWith("no switchover within 60 s of raising the limit: ", guest.Decisions.First(d => d.Iteration is null).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_is_refused_is_followed_by_the_next_at_the_next_minimum()
    {
        var guest = Stalled(Settings with { AllowPostCopy = true }, 187, new(CanPostCopy: true));
        guest.Controller.Refuse(guest.Decisions[^1]);
        guest.Begin(187, 2);

        Assert.Equal(["PostCopy", "Abort"], guest.Steps);
    }

    [Fact]
    public void Whatever_a_guest_does_no_step_comes_twice_the_limit_holds_and_the_end_is_the_end()
    {
        var pass = Gen.Select(Gen.Double[0.1, 5000], Gen.Double[0.1, 50]);
        Gen.Select(pass.List[1, 200], Gen.Bool, Gen.Bool).Sample((passes, postCopy, suspend) =>
        {
            var guest = new Passes(
                new() { Name = "p", StallDetection = Settings with { AllowPostCopy = postCopy, AllowSuspend = suspend } }, new(CanPostCopy: true));
            foreach (var (rest, seconds) in passes)
            {
                guest.Begin(rest, seconds).Wait(0);
            }

            var steps = guest.Decisions.Where(d => d.Action != MigrationAction.Continue).ToList();
            var ends = steps.FindIndex(d => d.Action is MigrationAction.Abort or MigrationAction.PostCopy);
            return steps.Select(d => d.Action).Distinct().Count() == steps.Count
                && steps.All(d => d.MaxDowntime is null || d.MaxDowntime <= Settings.MaxDowntime)
                && (ends < 0 || ends == steps.Count - 1)
                && (postCopy || steps.All(d => d.Action != MigrationAction.PostCopy))
                && (suspend || steps.All(d => d.Action != MigrationAction.Suspend));
        });
    }

    private static CultureInfo CommaCulture()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NumberDecimalSeparator) = (".", ",");
        return culture;
    }

    private static Passes Play(MigrationStallDetection settings, PolicyConditions? conditions = null) =>
        new(new() { Name = "p", StallDetection = settings }, conditions);

    // All memory in 20 s, then the same rest every 2 s until something is done: the first of these is older than the window at 60 s.
    private static Passes Stalled(MigrationStallDetection settings, double restMiB, PolicyConditions? conditions = null)
    {
        var guest = Play(settings, conditions).Begin(2000, 20);
        while (guest.Decisions[^1].Action == MigrationAction.Continue && guest.Elapsed < TimeSpan.FromMinutes(10))
        {
            guest.Begin(restMiB, 2);
        }

        return guest;
    }
}
