namespace VirtMigrate.Failures;

/// <summary>What kind of trouble a failure is, whatever it is about.</summary>
public enum FailureCategory
{
    /// <summary>A name, address or credential is not accepted.</summary>
    AuthenticationError,

    /// <summary>A host, or the other host, can't be reached.</summary>
    ConnectionError,

    /// <summary>What was asked for can't be, whatever the hosts are like.</summary>
    InvalidArgument,

    /// <summary>Something that is read makes no sense, or differs between the hosts.</summary>
    InvalidData,

    /// <summary>The VM is not in a state for it.</summary>
    InvalidOperation,

    /// <summary>It ended otherwise than was asked for.</summary>
    InvalidResult,

    /// <summary>A limit that was set was reached.</summary>
    LimitsExceeded,

    /// <summary>The host, or its hypervisor, can't do it.</summary>
    NotImplemented,

    /// <summary>A program or library is missing on this machine.</summary>
    NotInstalled,

    /// <summary>What was named is not there.</summary>
    ObjectNotFound,

    /// <summary>It was ended, on request or by the end of something that it needs.</summary>
    OperationStopped,

    /// <summary>It took too long.</summary>
    OperationTimeout,

    /// <summary>A right or a confirmation is missing.</summary>
    PermissionDenied,

    /// <summary>Something can't be read.</summary>
    ReadError,

    /// <summary>Somebody else is using it.</summary>
    ResourceBusy,

    /// <summary>There is one already.</summary>
    ResourceExists,

    /// <summary>There is too little of it, or it is not ready.</summary>
    ResourceUnavailable,

    /// <summary>A certificate or an encryption is missing or not trusted.</summary>
    SecurityError,

    /// <summary>Something can't be written.</summary>
    WriteError,
}

/// <summary>A reason why a host can't do what it is asked for, or why a migration fails: one row of <see cref="FailureTable"/>.</summary>
/// <param name="Id">The stable id by which scripts know it.</param>
/// <param name="Category">What kind of trouble it is.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record Failure(string Id, FailureCategory Category, Func<FailureFacts, string> Message, Func<FailureFacts, Advice> Advice)
{
    /// <summary>Whether the same can go well another time, with nothing changed; null where that can't be told.</summary>
    public bool? CanRetry { get; init; }

    /// <summary>The host that says so of a migration; unknown where both can.</summary>
    public MigrationEnd End { get; init; }

    /// <summary>
    /// What libvirt's, QEMU's or the kernel's message of it holds: pieces of text with an ellipsis between them, in this order. The pieces are
    /// their own words without the parts that vary, and without quotes and prefixes that changed from version to version.
    /// </summary>
    public IReadOnlyList<string> Patterns { get; init; } = [];

    /// <summary>Libvirt's codes (virErrorNumber) that tell it where no text does.</summary>
    public IReadOnlyList<int> Codes { get; init; } = [];

    /// <summary>Whether its text is only a frame for another reason's, and tells nothing more than that something ended.</summary>
    public bool IsFrame { get; init; }

    /// <summary>Finds out how well an error fits.</summary>
    /// <param name="message">Libvirt's message.</param>
    /// <param name="code">Libvirt's code; null where there is none.</param>
    /// <returns>
    /// The letters of the longest pattern that fits: the more a row knows of a message, the better it fits. 2 for a frame, 1 where the
    /// code alone fits, 0 where nothing does.
    /// </returns>
    public int Fit(string message, int? code)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = Patterns.Select(p => Fit(message, p)).DefaultIfEmpty().Max();
        return text > 0 && IsFrame ? 2 : Math.Max(text, code is { } known && Codes.Contains(known) ? 1 : 0);
    }

    /// <inheritdoc/>
    public override string ToString() => Id;

    private static int Fit(string message, string pattern)
    {
        var (length, at) = (0, 0);
        foreach (var piece in pattern.Split('…'))
        {
            var found = message.IndexOf(piece, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0)
            {
                return 0;
            }

            at = found + piece.Length;
            length += piece.Length;
        }

        return length;
    }
}

/// <summary>What a failure's message and advice can name.</summary>
public sealed record FailureFacts
{
    /// <summary>The VM, or the text that was to name something.</summary>
    public string? Vm { get; init; }

    /// <summary>The host that the error came from, or the one that the VM is on: its name, or its URI.</summary>
    public string? Host { get; init; }

    /// <summary>The URI of <see cref="Host"/>, where it is known.</summary>
    public string? HostUri { get; init; }

    /// <summary>The host that the VM was to reach, or where it is instead.</summary>
    public string? Destination { get; init; }

    /// <summary>The URI of <see cref="Destination"/>, where it is known.</summary>
    public string? DestinationUri { get; init; }

    /// <summary>What libvirt said, and where the VM is now; or what else belongs to the message.</summary>
    public string Said { get; init; } = string.Empty;

    /// <summary>
    /// What libvirt named last between quotes: the file, network, pool or port that is missing. Else one of the names in question, or a UUID.
    /// </summary>
    public string? Named { get; init; }

    /// <summary>The URI of the host that was asked for, where <see cref="Destination"/> is another.</summary>
    public string? Goal { get; init; }

    /// <summary>The ids of the checks that found something in a migration's way.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    /// <summary>What the checks say should be done about what they found.</summary>
    public string? Recommendations { get; init; }

    /// <summary>The VM as a word of a command.</summary>
    internal AdviceWord VmWord => new(Vm);

    /// <summary>The host's URI as a word of a command; its name where no URI is known.</summary>
    internal AdviceWord HostWord => new(HostUri ?? Host);

    /// <summary>The destination's URI as a word of a command; its name where no URI is known.</summary>
    internal AdviceWord DestinationWord => new(DestinationUri ?? Destination);

    /// <summary>What libvirt named, as a word of a command.</summary>
    internal AdviceWord NamedWord => new(Named);
}

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
