namespace VirtMigrate.Failures;

/// <summary>A migration was aborted since it took longer than was allowed.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="timeout">The time that was allowed.</param>
/// <param name="message">Why it ended, and where the VM is.</param>
public sealed class MigrationTimeoutException(VmMigrationVerification verification, TimeSpan timeout, string message)
    : MigrationEndedException(verification, message)
{
    /// <inheritdoc/>
    public override string ErrorId => "MigrationTimedOut";

    /// <summary>True: a guest that was too busy once may be calmer.</summary>
    public override bool? CanRetry => true;

    /// <summary>The time that was allowed.</summary>
    public TimeSpan Timeout { get; } = timeout;
}
