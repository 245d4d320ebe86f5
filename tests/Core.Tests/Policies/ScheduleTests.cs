using Xunit;

namespace VirtMigrate.Tests.Policies;

/// <summary>The steps of a schedule come when they are due, one a pass, as with oVirt.</summary>
public sealed class ScheduleTests
{
    [Theory]
    [InlineData("MinimalDowntime", "go on, go on, 150, 200, 300, 400, go on, 500, Abort")]
    [InlineData("SuspendIfNeeded", "go on, go on, 150, 200, 300, 400, go on, 500, 5000, Abort")]
    [InlineData("PostCopy", "go on, go on, 150, 200, PostCopy")]
    [InlineData("VeryLarge", "go on, go on, 400, 500, 700, 1000, go on, 1500, 5000, Abort")]
    public void A_guest_that_never_fits_is_taken_through_all_steps(string policy, string expected)
    {
        var guest = new Passes(MigrationPolicies.Find(policy)!, new(CanPostCopy: true), 100).Repeat(15, 1000);

        Assert.Equal(expected, string.Join(", ", guest.Actions));
        Assert.True(guest.Controller.IsOver);
    }

    [Fact]
    public void A_reason_tells_passes_and_downtimes()
    {
        var guest = new Passes(MigrationPolicies.MinimalDowntime, maxDowntime: 100).Begin(4000).Repeat(8, 187);

        Assert.Equal("0 iterations; the next step (150 ms) comes after more than 1 iteration", guest.Decisions[0].Reason);
        Assert.Equal("2 iterations > 1, implied downtime 1,870 ms > 100 ms: allow 150 ms", guest.Decisions[2].Reason);
        Assert.Equal("8 iterations, implied downtime 1,870 ms > 500 ms: abort", guest.Decisions[^1].Reason);
        Assert.Equal(1870, guest.Decisions[^1].ImpliedDowntime!.Value.TotalMilliseconds, 0.1);
        Assert.Equal(187 * Passes.MiB, guest.Decisions[^1].Remaining);
        Assert.Equal(9, guest.Decisions[^1].Iteration);
    }

    [Fact]
    public void What_fits_the_limit_is_left_to_qemu_and_takes_no_step()
    {
        var guest = new Passes(MigrationPolicies.MinimalDowntime, maxDowntime: 100).Begin(1000).Begin(9).Begin(9);

        Assert.Equal(["go on", "go on", "go on"], guest.Actions);
        Assert.Equal("implied downtime 90 ms ≤ 100 ms: QEMU switches over", guest.Decisions[^1].Reason);
    }

    [Fact]
    public void A_qemu_that_does_not_switch_what_fits_is_helped_after_all()
    {
        var guest = new Passes(MigrationPolicies.MinimalDowntime, maxDowntime: 100).Begin(1000).Repeat(3, 9);

        Assert.Equal(["go on", "go on", "go on", "150"], guest.Actions);
    }

    [Fact]
    public void A_given_downtime_stays_and_the_steps_say_so()
    {
        var given = TimeSpan.FromMilliseconds(700);
        var guest = new Passes(MigrationPolicies.MinimalDowntime, new(CanPostCopy: false, given), 700).Repeat(15, 1000);

        Assert.Equal("go on, go on, -150, -200, -300, -400, go on, -500, Abort", string.Join(", ", guest.Actions));
        Assert.EndsWith("150 ms are left out, since -MaxDowntime 700 was given", guest.Decisions[2].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Post_copy_that_is_not_possible_is_left_out_and_the_next_step_comes_at_the_next_pass()
    {
        var guest = new Passes(MigrationPolicies.PostCopy, new(CanPostCopy: false), 100).Repeat(15, 1000);

        Assert.Equal("go on, go on, 150, 200, -PostCopy, Abort", string.Join(", ", guest.Actions));
    }

    [Fact]
    public void Post_copy_that_is_refused_is_followed_by_the_next_step()
    {
        var guest = new Passes(MigrationPolicies.PostCopy, new(CanPostCopy: true), 100).Repeat(5, 1000);
        guest.Controller.Refuse(guest.Decisions[^1]);
        guest.Begin(1000);

        Assert.Equal("go on, go on, 150, 200, PostCopy, Abort", string.Join(", ", guest.Actions));
    }

    [Fact]
    public void A_suspended_guest_is_waited_for()
    {
        var policy = new MigrationPolicy
        {
            Name = "s",
            Steps = [new() { AfterIterations = 0, Action = MigrationAction.Suspend }, new() { Action = MigrationAction.Abort }],
        };

        Assert.Equal(["go on", "Suspend", "go on", "go on"], new Passes(policy).Repeat(4, 1000).Actions);
    }

    [Fact]
    public void Nothing_is_decided_when_the_guest_has_left()
    {
        var guest = new Passes(MigrationPolicies.MinimalDowntime).Repeat(2, 1000);
        guest.Controller.EndDeciding();
        guest.Repeat(10, 1000);

        Assert.Equal(2, guest.Decisions.Count);
    }
}
