using System.Globalization;
using System.Text.RegularExpressions;

namespace VirtMigrate.Hosts;

/// <summary>
/// A name that advice puts into a command: as it is, for a POSIX shell (format <c>sh</c>) or for PowerShell (format <c>ps</c>).
/// </summary>
/// <param name="Text">The name; null where it is not known.</param>
internal readonly record struct CommandWord(string? Text) : IFormattable
{
    /// <summary>The name as it is.</summary>
    public static implicit operator string(CommandWord word) => word.Text ?? string.Empty;

    /// <inheritdoc/>
    public override string ToString() => this;

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => format switch
    {
        "sh" => ShellWord.Quote(Text ?? string.Empty),
        "ps" => PowerShellWord.Quote(Text ?? string.Empty),
        _ => Text ?? string.Empty,
    };
}

/// <summary>Quotes words for PowerShell's command line.</summary>
internal static class PowerShellWord
{
    // PowerShell takes the typographic quotes for the straight one.
    private const string SingleQuotes = "'\u2018\u2019\u201A\u201B";

    /// <summary>Quotes one word, where it needs quotes.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The word as PowerShell reads it back as a command's argument: as text, never as a number, a variable or a parameter.</returns>
    public static string Quote(string word) => word.Length > 0 && IsFirst(word[0]) && word.All(IsPlain)
        ? word
        : $"'{string.Concat(word.Select(c => SingleQuotes.Contains(c, StringComparison.Ordinal) ? $"{c}{c}" : c.ToString()))}'";

    private static bool IsFirst(char c) => char.IsLetter(c) || c is '_' or '/';

    private static bool IsPlain(char c) => char.IsLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':' or '+' or '@';
}

/// <summary>
/// Fills in advice, whose commands are pasted: a name within a PowerShell command is quoted for PowerShell, one within quotes of the text
/// is left as it is, and any other is quoted for a POSIX shell.
/// </summary>
internal static partial class AdviceText
{
    // What ends a command. A full stop or a colon within a word does not.
    private static readonly string[] Ends = [". ", ": ", ";", "(", ")", "|"];

    /// <summary>Fills in the places of a text.</summary>
    /// <param name="text">The text, with numbered places. One that names its format ({0:ps}) keeps it.</param>
    /// <param name="values">What goes into them; only <see cref="CommandWord"/>s are quoted.</param>
    /// <returns>The advice.</returns>
    public static string Fill(string text, params object?[] values) =>
        string.Format(CultureInfo.InvariantCulture, Place().Replace(text, place => Choose(text, place, values)), values);

    private static string Choose(string text, Match place, object?[] values)
    {
        var number = int.Parse(place.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        return values[number] is CommandWord ? $"{{{number}:{Format(text, place)}}}" : place.Value;
    }

    private static string Format(string text, Match place)
    {
        var before = text[..place.Index];
        if (before.EndsWith('\'') && text.AsSpan(place.Index + place.Length).StartsWith("'"))
        {
            return string.Empty;
        }

        var command = before[(Ends.Max(end => before.LastIndexOf(end, StringComparison.Ordinal)) + 1)..];
        return Cmdlet().IsMatch(command) || Parameter().IsMatch(command) ? "ps" : "sh";
    }

    [GeneratedRegex("\\{(?<number>[0-9]+)\\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Place();

    [GeneratedRegex("\\b[A-Z][a-z]+-Vm", RegexOptions.NonBacktracking)]
    private static partial Regex Cmdlet();

    [GeneratedRegex(" -[A-Z][A-Za-z]+ $", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}
