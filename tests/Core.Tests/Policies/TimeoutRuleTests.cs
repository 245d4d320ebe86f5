using VirtMigrate.Options;
using VirtMigrate.Policies;
using Xunit;

namespace VirtMigrate.Tests.Policies;

public sealed class TimeoutRuleTests
{
    [Theory]
    [InlineData(TimeoutAction.Abort, false, false, false, "Abort Done", "the timeout of 30 s has expired: abort")]
    [InlineData(TimeoutAction.Suspend, false, false, false, "Suspend Done", "suspend the guest until its memory has moved")]
    [InlineData(TimeoutAction.PostCopy, true, false, false, "PostCopy Done", "switch to post-copy")]
    [InlineData(TimeoutAction.PostCopy, false, false, false, "PostCopy Skipped", "the migration was started without it")]
    [InlineData(TimeoutAction.Suspend, false, false, true, "Suspend Skipped", "is suspended already")]
    [InlineData(TimeoutAction.Abort, true, true, false, "Abort Skipped", "in post-copy, which can't be taken back")]
    [InlineData(TimeoutAction.PostCopy, true, true, false, "PostCopy Skipped", "in post-copy, which can't be taken back")]
    public void When_the_time_is_up_it_is_done_what_was_asked_for_and_is_possible(
        TimeoutAction action, bool canPostCopy, bool isPostCopy, bool isSuspended, string expected, string reason)
    {
        var decision = TimeoutRule.Decide(action, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30.1), canPostCopy, isPostCopy, isSuspended);

        Assert.Equal(expected, $"{decision.Action} {decision.Status}");
        Assert.Contains(reason, decision.Reason, StringComparison.Ordinal);
        Assert.Null(decision.Iteration);
    }
}
