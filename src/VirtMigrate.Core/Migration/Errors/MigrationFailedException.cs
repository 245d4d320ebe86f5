using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>A migration began and did not complete.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="message">Why it failed, and where the VM is.</param>
/// <param name="cause">The error that ended it.</param>
public sealed class MigrationFailedException(VmMigrationVerification verification, string message, Exception? cause)
    : MigrationException(message, cause)
{
    /// <summary>What both hosts said afterwards.</summary>
    public VmMigrationVerification Verification { get; } = verification;
}
