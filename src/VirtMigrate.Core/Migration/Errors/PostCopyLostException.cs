using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>One of the two halves of a VM in post-copy is gone, so that the guest can't be brought back.</summary>
/// <param name="verification">What both hosts said.</param>
public sealed class PostCopyLostException(VmMigrationVerification verification) : MigrationException(verification.Message)
{
    /// <summary>What both hosts said.</summary>
    public VmMigrationVerification Verification { get; } = verification;
}
