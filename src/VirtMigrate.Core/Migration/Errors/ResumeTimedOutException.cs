using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>A broken post-copy was to be resumed and nothing moved within the time that was allowed.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="timeout">The time without progress that was allowed.</param>
/// <param name="reason">What was last heard of it.</param>
public sealed class ResumeTimedOutException(VmMigrationVerification verification, TimeSpan timeout, string reason) : MigrationException(
    $"The post-copy of VM '{verification.Vm}' did not go on within {timeout.TotalSeconds:0} s: {reason}. {verification.Message}")
{
    /// <summary>What both hosts said afterwards.</summary>
    public VmMigrationVerification Verification { get; } = verification;

    /// <summary>The time without progress that was allowed.</summary>
    public TimeSpan Timeout { get; } = timeout;
}
