using VirtMigrate.Hypervisor.Processes;

namespace VirtMigrate.Hypervisor.Virsh.Errors;

/// <summary>Finds out why virsh or ssh did not get to the end of what it was asked.</summary>
internal static class VirshFailure
{
    // What POSIX shells return for a program that is not there.
    private const int NotFound = 127;

    /// <summary>Tells what happened to a run that has no complete answer.</summary>
    /// <param name="run">The run; its errors since the last command that was answered.</param>
    /// <param name="address">The host.</param>
    /// <returns>An exception of the kind that fits.</returns>
    public static HypervisorException Of(ToolRun run, HostAddress address)
    {
        if (run.ExitCode == NotFound && VirshErrorText.Read(run.Errors) is null)
        {
            return new HypervisorToolException(run.Tool, $"It could not be started: {Said(run)}") { Host = address, IsMissing = true };
        }

        if (VirshErrorText.Read(run.Errors) is { } error)
        {
            return HypervisorErrors.ClassifyOpening(error, address);
        }

        return run.ExitCode == SshTarget.Failed || (run.ExitCode != 0 && run.Errors.Trim().Length > 0)
            ? HypervisorErrors.ClassifyOpening(VirshErrorText.Of(Said(run)), address)
            : new HypervisorToolException(run.Tool, run.ExitCode == 0
                ? "It ended before its answer was complete."
                : $"It ended with exit status {run.ExitCode} before its answer was complete.") { Host = address };
    }

    private static string Said(ToolRun run) => run.Errors.Trim() is { Length: > 0 } text ? text : $"exit status {run.ExitCode}";
}
