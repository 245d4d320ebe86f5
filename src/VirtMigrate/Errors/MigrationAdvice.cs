using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Errors;

/// <summary>Finds the advice for an error, and its message: that of its id, or one for the special case that it is.</summary>
internal static class MigrationAdvice
{
    /// <summary>Finds the advice.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="kind">Its kind.</param>
    /// <returns>The name of the advice's text.</returns>
    public static string Find(Exception exception, ErrorKind kind) => exception switch
    {
        ResumeTimedOutException { Verification: { Outcome: MigrationOutcome.Unknown, IsInProgress: true } } => "ResumeTimedOut_Unnoticed",
        VmNotFoundException { Elsewhere.Count: > 0 } => "VmNotFound_NameHost",
        VmRunsElsewhereException { IsThere: true } => "VmRunsElsewhere_There",
        DirtyRateVmStateException { Status.IsMigratedAway: true } or VmStateException { IsLive: true, Status.IsMigratedAway: true } => "VmNotRunning_MovedAway",
        DirtyRateVmStateException => "VmNotRunning_DirtyRate",
        _ => kind.Id + "_Action",
    };

    /// <summary>Finds the message, likewise.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="kind">Its kind.</param>
    /// <returns>The name of the message's text.</returns>
    public static string FindMessage(Exception exception, ErrorKind kind) =>
        exception is VmNotFoundException { Elsewhere.Count: > 0 } ? "VmNotFound_Elsewhere" : kind.Id;
}
