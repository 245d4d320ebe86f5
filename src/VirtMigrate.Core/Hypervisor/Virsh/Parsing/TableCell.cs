using System.Globalization;
using System.Text;

namespace VirtMigrate.Hypervisor.Virsh.Parsing;

/// <summary>
/// Reads a cell of a table of virsh's, in which every byte that can't be printed is written as <c>\xHH</c>, and so is the backslash
/// of what looks like one (vshTableSafeEncode).
/// </summary>
internal static class TableCell
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a cell.</summary>
    /// <param name="text">The cell.</param>
    /// <returns>What was put into it.</returns>
    /// <exception cref="VirshOutputException">
    /// It can't be told: where its characters are signed, virsh writes each byte outside ASCII as <c>\xff</c>, unless its locale can
    /// print what they mean.
    /// </exception>
    public static string Decode(string text)
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
                bytes.Add(Escaped(text, i + 2));
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

    private static byte Escaped(string text, int digits) =>
        digits + 2 <= text.Length && byte.TryParse(text.AsSpan(digits, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new VirshOutputException("text with complete escapes", text);
}
