using System.Management.Automation;
using VirtMigrate.Hosts;

namespace VirtMigrate.Completion;

/// <summary>Turns names into completions.</summary>
internal static class CompletionText
{
    /// <summary>The names that begin with a word, in order, quoted where the command line needs it.</summary>
    /// <param name="word">What was typed, perhaps with an opening quote.</param>
    /// <param name="candidates">The names with what to show about them.</param>
    /// <param name="takesWildcards">Whether the parameter reads wildcards, so that those of a name must be escaped.</param>
    /// <returns>The completions.</returns>
    public static IEnumerable<CompletionResult> Results(string word, IEnumerable<(string Name, string ToolTip)> candidates, bool takesWildcards = false)
    {
        ArgumentNullException.ThrowIfNull(word);
        var typed = word.Trim('\'', '"');
        var start = takesWildcards ? WildcardPattern.Unescape(typed) : typed;
        return [.. candidates
            .Where(c => c.Name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            .DistinctBy(c => c.Name, StringComparer.Ordinal)
            .OrderBy(c => c.Name, StringComparer.OrdinalIgnoreCase)
            .Select(c => new CompletionResult(
                PowerShellWord.Quote(takesWildcards ? Escape(c.Name) : c.Name), Plain(c.Name), CompletionResultType.ParameterValue, Plain(c.ToolTip)))];
    }

    // An escaped name is never a wildcard, also when its VM is gone. One with backticks of its own may have no escaped form that is read back.
    private static string Escape(string name) =>
        WildcardPattern.Escape(name) is var escaped && !WildcardPattern.ContainsWildcardCharacters(escaped) &&
        string.Equals(WildcardPattern.Unescape(escaped), name, StringComparison.Ordinal) ? escaped : name;

    // What stands in a menu must not steer the terminal, whatever a VM is called.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
