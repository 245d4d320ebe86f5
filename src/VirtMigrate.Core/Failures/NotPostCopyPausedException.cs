namespace VirtMigrate.Failures;

/// <summary>There is no broken post-copy of the VM that could be resumed.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="reason">What there is instead.</param>
/// <param name="verification">What both hosts said; null where not both are known.</param>
public sealed class NotPostCopyPausedException(string vm, string reason, VmMigrationVerification? verification = null)
    : MigrationException($"VM '{vm}' has no broken post-copy to resume: {reason}")
{
    /// <summary>What both hosts said; null where not both are known.</summary>
    public VmMigrationVerification? Verification { get; } = verification;
}
