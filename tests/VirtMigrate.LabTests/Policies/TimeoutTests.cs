using System.Diagnostics;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Policies;

/// <summary>What happens when the time is up, when the first pass is over, and when somebody stops what can't be stopped.</summary>
public sealed class TimeoutTests(LabFixture lab) : PolicyTest(lab)
{
    [Fact]
    public async Task When_the_time_is_up_a_guest_goes_by_post_copy_where_that_was_asked_for()
    {
        await using var guest = await Lab.StartGuestAsync("time-postcopy", Busy);

        var result = Migrate(guest, "-PostCopy -Timeout 6 -OnTimeout PostCopy").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal("the timeout of 6 s has expired: switch to post-copy", LastReason(result));
        Assert.Contains("PostCopy", List(result, "Phases").Select(p => p.Text("Phase")));
        Assert.True(List(result, "Samples").Last().Number("PostCopyRequests") > 0, "The destination asked for no page.");
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task When_the_time_is_up_a_guest_is_suspended_where_that_was_asked_for_and_the_downtime_says_so()
    {
        await using var guest = await Lab.StartGuestAsync("time-suspend", Busy);

        var from = Stopwatch.GetTimestamp();
        var result = Migrate(guest, "-Timeout 6 -OnTimeout Suspend").Single;
        await guest.AssertWholeOnAsync(Lab.Host2);
        var silence = guest.LongestSilence(from, Stopwatch.GetTimestamp());

        Assert.Equal("the timeout of 6 s has expired: suspend the guest until its memory has moved", LastReason(result));
        var (downtime, switchover) = ((TimeSpan)result.Get("Downtime")!, (TimeSpan)result.Get("SwitchoverDowntime")!);
        Assert.InRange(silence - downtime, TimeSpan.FromSeconds(-0.3), downtime);
        Assert.InRange(switchover, TimeSpan.Zero, downtime);
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task Post_copy_begins_when_the_first_pass_is_over()
    {
        await using var guest = await Lab.StartGuestAsync("first-pass", Busy);

        var result = Migrate(guest, "-PostCopy -PostCopyAfterPrecopy").Single;

        Assert.Equal(["PostCopy"], Steps(result));
        Assert.Equal(2, Decisions(result).Single().Number("Iteration"));
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task A_stop_in_post_copy_waits_for_the_end_and_tells_the_truth()
    {
        await using var guest = await Lab.StartGuestAsync("stop-postcopy", "--memory", "192", "--working-set", "60", "--dirty", "60");

        using var process = new ShellProcess(
            $"Start-VmMigration {guest.Name} -VmHost '{Lab.Host1.Tcp}' -Destination '{Lab.Host2.Tcp}' -Live -PostCopy -PostCopyAfterPrecopy");
        await EventuallyAsync(
            "the guest is in post-copy", Lab.Host1, answer => answer.Contains("post-copy", StringComparison.Ordinal), "domstate", guest.Name, "--reason");
        process.Interrupt();
        await process.WaitAsync();

        Assert.Contains("post-copy can't be taken back; its end is waited for", process.Text, StringComparison.Ordinal);
        await AssertMovedAsync(guest);
    }
}
