using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>Decides what is done when the time of a migration is up.</summary>
internal static class TimeoutRule
{
    /// <summary>Decides.</summary>
    /// <param name="action">What was asked for.</param>
    /// <param name="timeout">The time that is up.</param>
    /// <param name="elapsed">Time since the migration began.</param>
    /// <param name="canPostCopy">Whether the migration was started so that it can switch to post-copy.</param>
    /// <param name="isPostCopy">Whether it is in post-copy already.</param>
    /// <param name="isSuspended">Whether the guest stands still already.</param>
    /// <returns>The decision.</returns>
    public static MigrationDecision Decide(
        TimeoutAction action, TimeSpan timeout, TimeSpan elapsed, bool canPostCopy, bool isPostCopy, bool isSuspended)
    {
        var up = $"{PolicyWording.Seconds(timeout)} are up";
        var (decided, status, reason) = action switch
        {
            _ when isPostCopy => (Action(action), MigrationDecisionStatus.Skipped, $"{up}, but the guest is in post-copy, which can't be taken back"),
            TimeoutAction.PostCopy when !canPostCopy => (MigrationAction.PostCopy, MigrationDecisionStatus.Skipped,
                $"{up}, but post-copy is not possible, since the migration began without it"),
            TimeoutAction.PostCopy => (MigrationAction.PostCopy, MigrationDecisionStatus.Done, $"{up}: switch to post-copy"),
            TimeoutAction.Suspend when isSuspended => (MigrationAction.Suspend, MigrationDecisionStatus.Skipped,
                $"{up}, but the guest stands still already"),
            TimeoutAction.Suspend => (MigrationAction.Suspend, MigrationDecisionStatus.Done, $"{up}: suspend the guest until its memory has moved"),
            _ => (MigrationAction.Abort, MigrationDecisionStatus.Done, $"{up}: give up"),
        };
        return new() { Elapsed = elapsed, Action = decided, Status = status, Reason = reason };
    }

    private static MigrationAction Action(TimeoutAction action) => action switch
    {
        TimeoutAction.PostCopy => MigrationAction.PostCopy,
        TimeoutAction.Suspend => MigrationAction.Suspend,
        _ => MigrationAction.Abort,
    };
}
