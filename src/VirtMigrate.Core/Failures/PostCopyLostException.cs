namespace VirtMigrate.Failures;

/// <summary>One of the two halves of a VM in post-copy is gone, so that the guest can't be brought back.</summary>
/// <param name="verification">What both hosts said.</param>
public sealed class PostCopyLostException(VmMigrationVerification verification)
    : MigrationEndedException(verification, verification.Message)
{
    /// <inheritdoc/>
    public override string ErrorId => "PostCopyLost";

    /// <summary>False: the memory of the other half is gone.</summary>
    public override bool? CanRetry => false;
}
