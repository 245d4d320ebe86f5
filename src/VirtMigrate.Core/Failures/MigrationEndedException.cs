namespace VirtMigrate.Failures;

/// <summary>A migration began, and ended otherwise than with the VM on its destination. Both hosts were asked what has become of it.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="message">Why it ended, and where the VM is.</param>
/// <param name="cause">The error that ended it; null where there was none.</param>
public abstract class MigrationEndedException(VmMigrationVerification verification, string message, Exception? cause = null)
    : MigrationException(message, cause)
{
    /// <summary>What both hosts said afterwards.</summary>
    public VmMigrationVerification Verification { get; } = verification;

    /// <summary>The stable id by which scripts know how it ended.</summary>
    public abstract string ErrorId { get; }

    /// <summary>Whether the same can go well another time, with nothing changed; null where that can't be told.</summary>
    public abstract bool? CanRetry { get; }
}
