using VirtMigrate.Failures;
using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Errors;

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
