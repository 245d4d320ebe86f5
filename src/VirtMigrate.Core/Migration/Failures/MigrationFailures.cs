using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Failures;

/// <summary>Tells from libvirt's error why a migration failed, and names how each one ended.</summary>
public static class MigrationFailures
{
    /// <summary>The id of a migration that failed for a reason that is not known.</summary>
    public const string Failed = "MigrationFailed";

    /// <summary>The id of a migration whose VM can't be seen for certain: it goes before the reason, since it says what not to do.</summary>
    public const string OutcomeUnknown = "MigrationOutcomeUnknown";

    /// <summary>The id of a migration whose post-copy broke: it goes before the reason, since it says what not to do.</summary>
    public const string PostCopyFailed = "PostCopyFailed";

    /// <summary>The id of a migration that was aborted for its time.</summary>
    public const string TimedOut = "MigrationTimedOut";

    /// <summary>The kind of a migration that was ended on request.</summary>
    public static readonly MigrationFailureKind Stopped =
        new("MigrationStopped", true, MigrationEnd.Client, ["canceled by client", "operation aborted"]) { Codes = [78] };

    /// <summary>All reasons that are known.</summary>
    public static IReadOnlyList<MigrationFailureKind> Table { get; } =
    [
        Stopped, .. ConnectionFailures.Table, .. TlsFailures.Table, .. StorageFailures.Table, .. DeviceFailures.Table, .. NetworkFailures.Table,
        .. HostFailures.Table, .. VmFailures.Table,
    ];

    /// <summary>Finds the reason behind a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="code">Libvirt's code (virErrorNumber); null where there is none.</param>
    /// <returns>The kind that knows most of the message; null where none does.</returns>
    public static MigrationFailureKind? Classify(string message, int? code = null) =>
        Table.Select(kind => (Kind: kind, Fit: kind.Fit(message, code))).Where(k => k.Fit > 0).DefaultIfEmpty().MaxBy(k => k.Fit).Kind;

    /// <summary>Finds the reason behind an exception.</summary>
    /// <param name="failure">What a host or the way to it threw; null for nothing.</param>
    /// <returns>The kind; null where none fits.</returns>
    public static MigrationFailureKind? Classify(Exception? failure) =>
        failure is HypervisorException e ? Classify(e.Message, e.Error?.Code) : null;

    /// <summary>The id by which scripts know how a migration ended.</summary>
    /// <param name="error">Why it did not complete; null when it did.</param>
    /// <returns>The id of the error record; null when the migration completed.</returns>
    public static string? IdOf(Exception? error) => error switch
    {
        null => null,
        MigrationFailedException failed => failed.ErrorId,
        MigrationTimeoutException => TimedOut,
        _ => Failed,
    };

    /// <summary>Whether the same migration can go well another time, with nothing changed.</summary>
    /// <param name="error">Why it did not complete; null when it did.</param>
    /// <returns>Null when it completed or that can't be told. A guest that was too busy once may be calmer.</returns>
    public static bool? CanRetry(Exception? error) => error switch
    {
        MigrationFailedException failed => failed.CanRetry,
        MigrationTimeoutException => true,
        _ => null,
    };
}
