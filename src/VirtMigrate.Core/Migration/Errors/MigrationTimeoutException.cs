using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>A migration was aborted since it took longer than was allowed.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="timeout">The time that was allowed.</param>
/// <param name="message">Why it ended, and where the VM is.</param>
public sealed class MigrationTimeoutException(VmMigrationVerification verification, TimeSpan timeout, string message)
    : MigrationException(message)
{
    /// <summary>What both hosts said afterwards.</summary>
    public VmMigrationVerification Verification { get; } = verification;

    /// <summary>The time that was allowed.</summary>
    public TimeSpan Timeout { get; } = timeout;
}
