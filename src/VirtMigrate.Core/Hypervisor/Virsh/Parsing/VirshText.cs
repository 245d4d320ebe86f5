using System.Buffers;
using System.Globalization;

namespace VirtMigrate.Hypervisor.Virsh.Parsing;

/// <summary>How virsh's output is taken apart, which is strictly: what is not as virsh prints it is no answer.</summary>
internal static class VirshText
{
    private const int UuidLength = 36;
    private static readonly SearchValues<char> UuidCharacters = SearchValues.Create("0123456789abcdefABCDEF-");

    /// <summary>Splits an output into its lines. Only a line feed ends a line: names may hold all else.</summary>
    /// <param name="text">The output.</param>
    /// <param name="what">What it is expected to be.</param>
    /// <returns>The lines; none of no output.</returns>
    /// <exception cref="VirshOutputException">The last line was cut off, or has nothing in it.</exception>
    public static IReadOnlyList<string> Lines(string text, string what)
    {
        if (text.Length == 0)
        {
            return [];
        }

        if (text[^1] != '\n' || text.EndsWith("\n\n", StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new VirshOutputException(what, text);
        }

        return text[..^1].Split('\n');
    }

    /// <summary>Takes an output of exactly one line.</summary>
    /// <param name="text">The output.</param>
    /// <param name="what">What it is expected to be.</param>
    /// <returns>The line.</returns>
    /// <exception cref="VirshOutputException">It has another number of lines.</exception>
    public static string Line(string text, string what) =>
        Lines(text, what) is [{ Length: > 0 } line] ? line : throw new VirshOutputException(what, text);

    /// <summary>Reads a UUID as libvirt writes it.</summary>
    /// <param name="text">The UUID.</param>
    /// <returns>The UUID.</returns>
    /// <exception cref="VirshOutputException">It is none.</exception>
    public static Guid Uuid(ReadOnlySpan<char> text) =>
        text.Length == UuidLength && !text.ContainsAnyExcept(UuidCharacters) && Guid.TryParseExact(text, "D", out var uuid)
            ? uuid
            : throw new VirshOutputException("a UUID", text.ToString());

    /// <summary>Reads a whole number that is not negative.</summary>
    /// <param name="text">The digits.</param>
    /// <param name="what">What it is expected to be.</param>
    /// <param name="most">The greatest that it may be.</param>
    /// <returns>The number.</returns>
    /// <exception cref="VirshOutputException">It is none, or too great.</exception>
    public static long Number(ReadOnlySpan<char> text, string what, long most = long.MaxValue) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new VirshOutputException(what, text.ToString());

    /// <summary>Turns kibibytes into bytes.</summary>
    /// <param name="kibibytes">Kibibytes.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="VirshOutputException">They are more than any host has.</exception>
    public static long Bytes(long kibibytes) => kibibytes is >= 0 and <= long.MaxValue / 1024
        ? kibibytes * 1024
        : throw new VirshOutputException("a size in KiB", kibibytes.ToString(CultureInfo.InvariantCulture));
}
