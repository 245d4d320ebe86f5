using System.Text.RegularExpressions;

namespace VirtMigrate.Tests.Readiness;

/// <summary>The texts of the checks, as their sources have them.</summary>
internal static partial class CheckTexts
{
    /// <summary>Every interpolated text with its places as they are written, and the class that it is in.</summary>
    public static IEnumerable<(string Check, string Text)> All() =>
        from file in Files()
        from text in Text().Matches(File.ReadAllText(file))
        let whole = string.Concat(text.Groups["part"].Captures.Select(c => c.Value)).Replace("\\\"", "\"", StringComparison.Ordinal)
        where WellFormed().IsMatch(whole)
        select (Path.GetFileNameWithoutExtension(file), whole);

    /// <summary>How often something stands in the sources, to see that no text was overlooked.</summary>
    public static int CountInSources(string part) => Files().Sum(f => File.ReadAllText(f).Split(part).Length - 1);

    private static string[] Files() =>
        Directory.GetFiles(Path.Combine(ProjectRoot.Path, "src", "VirtMigrate.Core", "Readiness", "Checks"), "*.cs", SearchOption.AllDirectories);

    // A text within a place of another is not told from its end.
    [GeneratedRegex("^(?:[^{}]|\\{[^{}]+\\})*$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex WellFormed();

    // Parts that are added to each other are one text.
    [GeneratedRegex("(?:\\$\"(?<part>(?:[^\"\\\\]|\\\\.)*)\"(?:\\s*\\+\\s*)?)+", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10000)]
    private static partial Regex Text();
}
