namespace VirtMigrate.Failures;

/// <summary>What was asked for can't be done, or went wrong, for a reason that is known: a row of <see cref="FailureTable"/>.</summary>
/// <param name="failure">The reason.</param>
/// <param name="message">What went wrong, as libvirt, the system or this library said it.</param>
/// <param name="innerException">What caused it.</param>
public abstract class FailureException(Failure failure, string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The reason.</summary>
    public Failure Failure { get; } = failure;

    /// <summary>What the reason's message and advice can name.</summary>
    public abstract FailureFacts Facts { get; }
}

/// <summary>A migration can't be made, or what is asked about it can't be answered.</summary>
public class MigrationException : FailureException
{
    /// <summary>Makes an exception that says what the reason's message says.</summary>
    /// <param name="failure">The reason.</param>
    /// <param name="facts">What it is about.</param>
    /// <param name="innerException">What caused it.</param>
    internal MigrationException(Failure failure, FailureFacts facts, Exception? innerException = null)
        : this(failure, facts, failure.Message(facts), innerException)
    {
    }

    private protected MigrationException(Failure failure, FailureFacts facts, string message, Exception? innerException)
        : base(failure, message, innerException) => Facts = facts;

    /// <inheritdoc/>
    public override FailureFacts Facts { get; }

    /// <summary>The VM that it concerns; null where it concerns none or several.</summary>
    public string? Vm => Facts.Vm;
}

/// <summary>
/// A migration began, and ended otherwise than with the VM on its destination as asked. Both hosts were asked what has become of it.
/// </summary>
public sealed class MigrationEndedException : MigrationException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="failure">How it ended.</param>
    /// <param name="vm">The VM's name.</param>
    /// <param name="verification">What both hosts said afterwards.</param>
    /// <param name="message">Why it ended, and where the VM is.</param>
    internal MigrationEndedException(Failure failure, string vm, VmMigrationVerification verification, string message)
        : base(failure, About(vm, verification, message), message, innerException: null)
    {
        Verification = verification;
        CanRetry = verification.Outcome == MigrationOutcome.RolledBack ? failure.CanRetry : false;
    }

    /// <summary>Makes an exception for a migration that failed. Where the VM can't be seen, or its post-copy broke, goes before the reason.</summary>
    /// <param name="reason">The reason; null where libvirt's error is not a known one.</param>
    /// <param name="vm">The VM's name.</param>
    /// <param name="verification">What both hosts said afterwards.</param>
    /// <param name="message">Why it failed, and where the VM is.</param>
    /// <param name="cause">The error that ended it; null where there was none.</param>
    internal MigrationEndedException(Failure? reason, string vm, VmMigrationVerification verification, string message, Exception? cause)
        : base(OutcomeFailures.Of(verification, reason), About(vm, verification, Detail(reason, verification, message, cause)) with
        {
            Named = FindNamed(cause?.Message),
        }, message, cause)
    {
        Reason = reason;
        Verification = verification;
        CanRetry = verification.Outcome == MigrationOutcome.RolledBack ? Failure.CanRetry : false;
    }

    /// <summary>What both hosts said afterwards.</summary>
    public VmMigrationVerification Verification { get; }

    /// <summary>Why it failed, whatever became of the VM; null where that is not known, and where it did not fail.</summary>
    public Failure? Reason { get; }

    /// <summary>Whether the same migration can go well another time, with nothing changed; null where that can't be told.</summary>
    public bool? CanRetry { get; init; }

    private static FailureFacts About(string vm, VmMigrationVerification verification, string said) => new()
    {
        Vm = vm,
        Host = verification.Source.Name,
        HostUri = verification.Source.Uri,
        Destination = verification.Destination.Name,
        DestinationUri = verification.Destination.Uri,
        Said = said,
    };

    // A reason has words of its own, to which libvirt's are added; without one the whole sentence is the message.
    private static string Detail(Failure? reason, VmMigrationVerification verification, string message, Exception? cause) =>
        !string.Equals(OutcomeFailures.Of(verification, reason).Id, reason?.Id, StringComparison.Ordinal) ? message
            : cause is null ? verification.Message
            : $"{cause.Message.TrimEnd('.')}. {verification.Message}";

    private static string? FindNamed(string? message)
    {
        var end = message?.LastIndexOf('\'') ?? -1;
        var begin = end > 0 ? message!.LastIndexOf('\'', end - 1) : -1;
        return begin < 0 ? null : message![(begin + 1)..end];
    }
}
