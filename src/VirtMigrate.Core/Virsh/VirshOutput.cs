using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Virsh;

/// <summary>How virsh's output is parsed, which is strictly: what is not as virsh prints it throws a <see cref="VirshOutputException"/>.</summary>
internal static class VirshOutput
{
    /// <summary>How many characters a UUID has.</summary>
    public const int UuidLength = 36;

    private static readonly SearchValues<char> UuidCharacters = SearchValues.Create("0123456789abcdefABCDEF-");
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Splits an output into its lines. Only a line feed ends a line: names may hold all else.</summary>
    public static IReadOnlyList<string> Lines(string text, string what)
    {
        if (text.Length == 0)
        {
            return [];
        }

        // The last line was cut off, or has nothing in it.
        if (text[^1] != '\n' || text.EndsWith("\n\n", StringComparison.Ordinal) || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new VirshOutputException(what, text);
        }

        return text[..^1].Split('\n');
    }

    /// <summary>Reads an output of exactly one line.</summary>
    public static string Line(string text, string what) =>
        Lines(text, what) is [{ Length: > 0 } line] ? line : throw new VirshOutputException(what, text);

    /// <summary>Reads listings of a name a line, each once (<c>nodedev-list</c>, <c>snapshot-list --name</c>).</summary>
    public static IReadOnlyList<string> Names(string text)
    {
        const string What = "a list of different names";
        var names = Lines(text, What);
        return names.All(n => n.Length > 0) && names.Distinct(StringComparer.Ordinal).Count() == names.Count
            ? names
            : throw new VirshOutputException(What, text);
    }

    /// <summary>Reads listings with <c>--uuid</c>: a UUID a line, each once.</summary>
    public static IReadOnlyList<Guid> Uuids(string text)
    {
        // pool-list fills them up to their width, which they have.
        var uuids = Lines(text, "a list of UUIDs").Select(l => Uuid(l)).ToList();
        return uuids.Distinct().Count() == uuids.Count ? uuids : throw new VirshOutputException("a list of different UUIDs", text);
    }

    /// <summary>Reads a UUID as libvirt writes it.</summary>
    public static Guid Uuid(ReadOnlySpan<char> text) =>
        text.Length == UuidLength && !text.ContainsAnyExcept(UuidCharacters) && Guid.TryParseExact(text, "D", out var uuid)
            ? uuid
            : throw new VirshOutputException("a UUID", text.ToString());

    /// <summary>Reads a whole number that is not negative.</summary>
    public static long Number(ReadOnlySpan<char> text, string what, long most = long.MaxValue) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most
            ? number
            : throw new VirshOutputException(what, text.ToString());

    /// <summary>Turns kibibytes into bytes, as many as a host can have.</summary>
    public static long Bytes(long kibibytes) => kibibytes is >= 0 and <= long.MaxValue / 1024
        ? kibibytes * 1024
        : throw new VirshOutputException("a size in KiB", kibibytes.ToString(CultureInfo.InvariantCulture));

    /// <summary>
    /// Reads a typed parameter (vshGetTypedParamValue): as a text always, as a number where the text is an integer or virsh's word for a
    /// truth value.
    /// </summary>
    public static TypedParameter Parameter(string name, string text) => new(name, ToNumber(text), text);

    // What is beyond 63 bits comes as the largest number over libvirt's C API, too.
    private static long? ToNumber(string text) => text switch
    {
        "yes" => 1,
        "no" => 0,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ when ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => (long)Math.Min(number, long.MaxValue),
        _ => null,
    };

    /// <summary>Reads XML that has to have a certain root element.</summary>
    public static T Xml<T>(string text, string root, Func<XElement, T> read)
    {
        try
        {
            var xml = LibvirtXml.Parse(text);
            return xml.Name.LocalName.Equals(root, StringComparison.Ordinal) ? read(xml) : throw new VirshOutputException($"<{root}>", text);
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException)
        {
            throw new VirshOutputException($"a readable <{root}>", text);
        }
    }

    /// <summary>Makes sure that a text is XML with a certain root element, and hands it on.</summary>
    public static string XmlText(string text, string root) => Xml(text, root, _ => text);

    /// <summary>Reads the UUID of what XML describes.</summary>
    public static Guid XmlUuid(XElement xml) =>
        Uuid((string?)xml.Element("uuid") ?? throw new VirshOutputException("XML with a UUID", xml.ToString()));

    /// <summary>
    /// Reads a cell of a table, in which every byte that can't be printed is written as <c>\xHH</c>, and so is the backslash of what looks
    /// like one (vshTableSafeEncode).
    /// </summary>
    /// <exception cref="VirshOutputException">
    /// It can't be told: where its characters are signed, virsh writes each byte outside ASCII as <c>\xff</c>, unless its locale can
    /// print what they mean.
    /// </exception>
    public static string Cell(string text)
    {
        if (!text.Contains("\\x", StringComparison.Ordinal))
        {
            return text;
        }

        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == 'x')
            {
                bytes.Add(EscapedByte(text, i + 2));
                i += 3;
            }
            else if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length)
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 2));
                i++;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
            }
        }

        try
        {
            return Strict.GetString([.. bytes]);
        }
        catch (DecoderFallbackException)
        {
            throw new VirshOutputException("text that can be read back", text);
        }
    }

    private static byte EscapedByte(string text, int digits) =>
        digits + 2 <= text.Length && byte.TryParse(text.AsSpan(digits, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new VirshOutputException("text with complete escapes", text);
}

/// <summary>Virsh printed something that can't be read.</summary>
/// <param name="what">What it was expected to be.</param>
/// <param name="text">The text in question; of a long one the beginning.</param>
public sealed class VirshOutputException(string what, string text)
    : HypervisorException(HostFailures.OutputInvalid, $"virsh printed something that is not {what}: '{Shorten(text)}'.")
{
    private const int Longest = 200;

    /// <summary>What it was expected to be.</summary>
    public string Expected { get; } = what;

    /// <summary>The text in question.</summary>
    public string Text { get; } = text;

    // Nothing of it may steer a terminal.
    private static string Shorten(string text)
    {
        var line = string.Concat(text.Take(Longest).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length > Longest ? line + "…" : line;
    }
}
