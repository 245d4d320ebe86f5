namespace VirtMigrate.Failures;

/// <summary>A migration began and did not complete.</summary>
/// <param name="verification">What both hosts said afterwards.</param>
/// <param name="message">Why it failed, and where the VM is.</param>
/// <param name="cause">The error that ended it.</param>
public sealed class MigrationFailedException(VmMigrationVerification verification, string message, Exception? cause)
    : MigrationEndedException(verification, message, cause)
{
    /// <summary>The reason; null where libvirt's error is not a known one.</summary>
    public MigrationFailureKind? Kind { get; init; } = MigrationFailures.Classify(cause);

    /// <summary>
    /// The stable id. Where the VM can't be seen, or its post-copy broke, that goes before the reason.
    /// </summary>
    public override string ErrorId => Verification.Outcome switch
    {
        MigrationOutcome.RolledBack => Kind?.Id ?? MigrationFailures.Failed,
        MigrationOutcome.PostCopyPaused => MigrationFailures.PostCopyFailed,
        MigrationOutcome.ArrivedChanged => MigrationFailures.ArrivedChanged,
        MigrationOutcome.StayedChanged => Kind?.Id ?? MigrationFailures.StayedChanged,
        MigrationOutcome.GuestShutDown or MigrationOutcome.GuestDestroyed or MigrationOutcome.GuestCrashed => Verification.Outcome.ToString(),
        _ => MigrationFailures.OutcomeUnknown,
    };

    /// <summary>Whether the same migration can go well another time, with nothing changed; null where that can't be told.</summary>
    public override bool? CanRetry => Verification.Outcome == MigrationOutcome.RolledBack ? Kind?.CanRetry : false;

    /// <summary>Libvirt's own words and where the VM is, without a beginning.</summary>
    public string Detail => InnerException is { } inner ? $"{inner.Message.TrimEnd('.')}. {Verification.Message}" : Verification.Message;
}
