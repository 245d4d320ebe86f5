namespace VirtMigrate.Failures;

/// <summary>A broken post-copy was to be resumed and nothing moved within the time that was allowed.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="timeout">The time without progress that was allowed.</param>
/// <param name="reason">What was last heard of it.</param>
public sealed class ResumeTimedOutException(VmMigrationVerification verification, TimeSpan timeout, string reason)
    : MigrationEndedException(verification,
        $"The post-copy of VM '{verification.Vm}' did not go on within {timeout.TotalSeconds:0} s: {reason}. {verification.Message}")
{
    /// <inheritdoc/>
    public override string ErrorId => "ResumeTimedOut";

    /// <summary>Whether there is still something to resume: a QEMU that hangs may come back, and so may a link.</summary>
    public override bool? CanRetry => Verification.Outcome == MigrationOutcome.PostCopyPaused;

    /// <summary>The time without progress that was allowed.</summary>
    public TimeSpan Timeout { get; } = timeout;
}
