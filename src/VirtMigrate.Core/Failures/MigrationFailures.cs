using VirtMigrate.Hosts;

namespace VirtMigrate.Failures;

/// <summary>Tells from libvirt's error why a migration failed, and names how each one ended.</summary>
public static class MigrationFailures
{
    /// <summary>The id of a migration that failed for a reason that is not known.</summary>
    public const string Failed = "MigrationFailed";

    /// <summary>The id of a migration whose VM can't be seen for certain: it goes before the reason, since it says what not to do.</summary>
    public const string OutcomeUnknown = "MigrationOutcomeUnknown";

    /// <summary>The id of a migration whose post-copy broke: it goes before the reason, since it says what not to do.</summary>
    public const string PostCopyFailed = "PostCopyFailed";

    /// <summary>The id of a migration whose VM arrived in another state than was asked for.</summary>
    public const string ArrivedChanged = "VmArrivedChanged";

    /// <summary>The id of a migration whose VM stayed in another state than it had, where the reason is not known.</summary>
    public const string StayedChanged = "VmStayedChanged";

    /// <summary>The ids of what became of a VM that is neither on its destination as asked nor on its source as before.</summary>
    public static IReadOnlyList<string> Outcomes { get; } =
    [
        OutcomeUnknown, PostCopyFailed, ArrivedChanged, StayedChanged, nameof(MigrationOutcome.GuestShutDown), nameof(MigrationOutcome.GuestDestroyed),
        nameof(MigrationOutcome.GuestCrashed),
    ];

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
}
