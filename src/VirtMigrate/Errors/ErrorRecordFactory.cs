using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Errors;

/// <summary>
/// Turns the core's typed exceptions into error records: a stable id, a category, the VM, host or job as the target,
/// a message that names them, and advice on what to do next.
/// </summary>
internal static class ErrorRecordFactory
{
    /// <summary>Whether an exception is one that the core throws on purpose. All others are defects and are let through.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>True when <see cref="Create"/> can describe it.</returns>
    public static bool Knows(Exception exception) => exception is FailureException;

    /// <summary>Makes the record for an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="target">The VM, host or job that it is about, or the text that was to name one.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord Create(Exception exception, object? target) => exception is FailureException known
        ? Describe(known.Failure, known, target, Complete(known.Facts, target))
        : Describe(HostFailures.LibvirtError, exception, target, Complete(new() { Said = exception.Message }, target));

    /// <summary>Makes the record for a host that the session is not connected to.</summary>
    /// <param name="host">The host as the user named it.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord HostNotConnected(string host) =>
        Describe(SessionFailures.HostNotConnected, m => new ItemNotFoundException(m), host, new() { Host = host });

    /// <summary>Makes the record for a host that a migration of this session needs.</summary>
    /// <param name="host">The host.</param>
    /// <param name="vm">The VM that is being migrated.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord HostInUse(VmHost host, string vm) =>
        Describe(SessionFailures.HostInUse, m => new InvalidOperationException(m), host, new() { Vm = vm, Host = host.Name });

    /// <summary>Makes the record for a migration that had not ended when the waiting did.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="seconds">How long was waited.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord NotFinished(VmMigrationJobInfo job, int seconds) => Describe(
        SessionFailures.MigrationNotFinished, m => new TimeoutException(m), job,
        new() { Vm = job.Vm, Host = job.Source?.Name, HostUri = job.Source?.Uri, Destination = job.Destination?.Name, Said = $"{seconds} s" });

    /// <summary>Makes the record for a change that changes nothing.</summary>
    /// <returns>The record.</returns>
    public static ErrorRecord NothingToSet() =>
        Describe(SessionFailures.NothingToSet, m => new InvalidOperationException(m), target: null, new());

    /// <summary>Makes the record for a policy's file that is there already.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord PolicyFileExists(string path) =>
        Describe(SessionFailures.PolicyFileExists, m => new IOException(m), path, new() { Vm = path });

    /// <summary>Makes the record for a policy's file that can't be written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cause">What the system said.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord PolicyNotWritten(string path, Exception cause) =>
        Describe(SessionFailures.PolicyNotWritten, cause, path, new() { Vm = path, Said = cause.Message });

    /// <summary>Makes the record for a question that could not be put to anybody.</summary>
    /// <param name="risk">What can be lost.</param>
    /// <param name="target">What the question is about.</param>
    /// <returns>The record.</returns>
    public static ErrorRecord ConfirmationNeeded(string risk, object target) =>
        Describe(SessionFailures.ConfirmationNeeded, m => new InvalidOperationException(m), target, new() { Said = risk });

    private static ErrorRecord Describe(Failure failure, Func<string, Exception> make, object? target, FailureFacts facts) =>
        Describe(failure, make(failure.Message(facts)), target, facts);

    private static ErrorRecord Describe(Failure failure, Exception exception, object? target, FailureFacts facts) =>
        new(exception, failure.Id, Enum.Parse<ErrorCategory>(failure.Category.ToString()), target)
        {
            ErrorDetails = new ErrorDetails(failure.Message(facts)) { RecommendedAction = AdviceRenderer.Render(failure.Advice(facts)) },
        };

    // What the exception does not tell, its target does.
    private static FailureFacts Complete(FailureFacts facts, object? target)
    {
        // A migration that was seen on no host has none to be looked up on.
        var host = facts is { Host: not null, HostUri: not null } ? null : target switch
        {
            IVmReference reference => reference.GetLookupHost(),
            _ => target as VmHost,
        };
        return facts with
        {
            Vm = facts.Vm ?? (target as IVmReference)?.GetVmName() ?? target?.ToString(),
            Host = facts.Host ?? host?.Name ?? target?.ToString(),
            HostUri = facts.HostUri ?? host?.Uri,
        };
    }
}

/// <summary>What goes wrong between a session and its user, without any host.</summary>
internal static class SessionFailures
{
    /// <summary>A host was named that the session is not connected to.</summary>
    public static readonly Failure HostNotConnected = new("HostNotConnected", FailureCategory.ObjectNotFound,
        f => $"This session is not connected to '{f.Host}'.",
        f => $"To see what it is connected to: {Call(Operation.ListHosts)}. To connect: " +
            $"{Call(Operation.ConnectHost, Use(Parameter.Subject, f.Host))}");

    /// <summary>A host is needed by a migration that this session runs.</summary>
    public static readonly Failure HostInUse = new("HostInUse", FailureCategory.ResourceBusy,
        f => $"'{f.Host}' stays connected: this session is migrating VM '{f.Vm}' over the connection.",
        f => $"Wait for it ({OnVm(Operation.WaitForMigration, f)}) or abort it ({OnVm(Operation.StopMigration, f)}), then try again.");

    /// <summary>The waiting for a migration ended before the migration did.</summary>
    public static readonly Failure MigrationNotFinished = new("MigrationNotFinished", FailureCategory.OperationTimeout,
        f => $"The migration of VM '{f.Vm}' has not ended within {f.Said}. It goes on.",
        f => $"To wait longer: {OnHost(Operation.WaitForMigration, f)}. To help it to complete: " +
            $"{OnHost(Operation.ChangeMigration, f, Use(MigrationOptions.MaxDowntime, 1000))}. To abort it: " +
            $"{OnHost(Operation.StopMigration, f)}");

    /// <summary>A change was asked for without saying what to change.</summary>
    public static readonly Failure NothingToSet = new("NothingToSet", FailureCategory.InvalidArgument,
        _ => "No setting to change was given.",
        _ => $"Give at least one, such as a downtime in milliseconds or a rate in bytes per second: " +
            $"{Call(
                Operation.ChangeMigration,
                Use(Parameter.Subject, "web1"),
                Use(MigrationOptions.MaxDowntime, 1000),
                Use(MigrationOptions.Bandwidth, Example("500MB")))}");

    /// <summary>A policy's file is there already.</summary>
    public static readonly Failure PolicyFileExists = new("PolicyFileExists", FailureCategory.ResourceExists,
        f => $"The file '{f.Vm}' already exists.",
        f => $"Give another {Use(Parameter.Path)}, or {Use(Parameter.Force)} to overwrite it. To see what it holds: " +
            $"{Call(Operation.ListPolicies, Use(Parameter.Path, f.Vm))}");

    /// <summary>A policy's file can't be written.</summary>
    public static readonly Failure PolicyNotWritten = new("PolicyNotWritten", FailureCategory.WriteError,
        f => $"The policy can't be written to '{f.Vm}': {f.Said}",
        _ => $"Check that the folder exists and that you may write to it, or give another {Use(Parameter.Path)}.");

    /// <summary>Something that may lose a VM has to be confirmed, and nobody could be asked.</summary>
    public static readonly Failure ConfirmationNeeded = new("ConfirmationNeeded", FailureCategory.PermissionDenied,
        f => $"This needs your confirmation, and this session can't prompt. {f.Said}",
        _ => $"If you want this, confirm it in the command: add -Confirm:$false.");

    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        HostNotConnected, HostInUse, MigrationNotFinished, NothingToSet, PolicyFileExists, PolicyNotWritten, ConfirmationNeeded,
    ];
}
