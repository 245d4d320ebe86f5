namespace VirtMigrate.Failures;

/// <summary>
/// All reasons why hosts and migrations fail. Libvirt has codes for few of them; the text of its message tells most. A row stands in the
/// file of its area, with its texts.
/// </summary>
internal static class FailureTable
{
    /// <summary>All rows; a special case of one has its id.</summary>
    public static IReadOnlyList<Failure> All { get; } =
    [
        .. OutcomeFailures.Rows, .. ConnectionFailures.Rows, .. TlsFailures.Rows, .. StorageFailures.Rows, .. DeviceFailures.Rows,
        .. NetworkFailures.Rows, .. PlatformFailures.Rows, .. VmFailures.Rows, .. RequestFailures.Rows, .. HostFailures.Rows,
    ];

    /// <summary>The rows that can end a migration; what only a connection says that opens or breaks is none of them.</summary>
    public static IReadOnlyList<Failure> Reasons { get; } =
        [.. All.Where(f => f.Patterns.Count > 0).Except(HostFailures.OfConnections).DistinctBy(f => f.Id, StringComparer.Ordinal)];

    /// <summary>Finds the reason behind libvirt's error.</summary>
    /// <param name="message">The message.</param>
    /// <param name="code">Libvirt's code (virErrorNumber); null where there is none.</param>
    /// <returns>The row that knows most of the message; null where none does.</returns>
    public static Failure? Find(string message, int? code = null) =>
        Reasons.Select(f => (Failure: f, Fit: f.Fit(message, code))).Where(f => f.Fit > 0).DefaultIfEmpty().MaxBy(f => f.Fit).Failure;
}
