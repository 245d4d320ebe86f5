namespace VirtMigrate.Failures;

/// <summary>
/// A reason for which migrations fail, and how libvirt's errors tell it. Libvirt has no codes for most of them; the text tells.
/// </summary>
/// <param name="Id">The stable id by which scripts know it: the error's FullyQualifiedErrorId.</param>
/// <param name="CanRetry">Whether the same migration can go well another time, with nothing changed; null where that can't be told.</param>
/// <param name="End">The host that says so; unknown where both can.</param>
/// <param name="Patterns">
/// What the message holds: pieces of text with an ellipsis between them, in this order. The pieces are libvirt's and QEMU's own words
/// without the parts that vary, and without quotes and prefixes that changed from version to version.
/// </param>
public sealed record MigrationFailureKind(string Id, bool? CanRetry, MigrationEnd End, IReadOnlyList<string> Patterns)
{
    /// <summary>Codes (virErrorNumber) that tell it where no text does.</summary>
    public IReadOnlyList<int> Codes { get; init; } = [];

    /// <summary>Whether its text is only a frame for another reason's, and tells nothing more than that something ended.</summary>
    public bool IsFrame { get; init; }

    /// <summary>Finds out how well an error fits.</summary>
    /// <param name="message">Libvirt's message.</param>
    /// <param name="code">Libvirt's code; null where there is none.</param>
    /// <returns>
    /// The letters of the longest pattern that fits: the more a kind knows of a message, the better it fits. 2 for a frame, 1 where the
    /// code alone fits, 0 where nothing does.
    /// </returns>
    public int Fit(string message, int? code)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = Patterns.Max(p => Fit(message, p));
        return text > 0 && IsFrame ? 2 : Math.Max(text, code is { } known && Codes.Contains(known) ? 1 : 0);
    }

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
