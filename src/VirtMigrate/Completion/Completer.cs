using System.Collections;
using System.Management.Automation.Language;
using System.Management.Automation;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Completion;

/// <summary>Completes an argument from a list of candidates, each with a tooltip.</summary>
public abstract class Completer : IArgumentCompleter
{
    /// <summary>Whether the parameter reads wildcards, so that those of a name must be escaped.</summary>
    private protected virtual bool TakesWildcards => false;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        return Results(wordToComplete, List(parameterName, fakeBoundParameters), TakesWildcards);
    }

    /// <summary>The candidates that begin with a word, in order, quoted where the command line needs it.</summary>
    /// <param name="word">What was typed, perhaps with an opening quote.</param>
    /// <param name="candidates">The candidates with what to show about them.</param>
    /// <param name="takesWildcards">Whether the parameter reads wildcards.</param>
    /// <returns>The completions.</returns>
    internal static IEnumerable<CompletionResult> Results(string word, IEnumerable<(string Name, string ToolTip)> candidates, bool takesWildcards = false)
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

    /// <summary>Lists the candidates, whatever was typed.</summary>
    /// <param name="parameter">The parameter that is completed.</param>
    /// <param name="bound">The parameters that the command line has so far.</param>
    /// <returns>The candidates with what to show about them.</returns>
    private protected abstract IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound);

    // An escaped name is never a wildcard, also when its VM is gone. One with backticks of its own may have no escaped form that is read back.
    private static string Escape(string name) =>
        WildcardPattern.Escape(name) is var escaped && !WildcardPattern.ContainsWildcardCharacters(escaped) &&
        string.Equals(WildcardPattern.Unescape(escaped), name, StringComparison.Ordinal) ? escaped : name;

    // A menu must not send control characters to the terminal, whatever a VM is called.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}

/// <summary>Completes the values that the option table lists for a parameter.</summary>
public sealed class MigrationChoiceCompleter : Completer
{
    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound) =>
        (MigrationOptions.Find(parameter)?.Choices ?? []).Select(c => (c.Value, c.Since is null ? c.Value : $"{c.Value} (libvirt {c.Since} or later)"));
}

/// <summary>Completes the names of the built-in policies.</summary>
public sealed class PolicyNameCompleter : Completer
{
    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound) =>
        MigrationPolicies.All.Select(p => (p.Name, p.Description));
}

/// <summary>Completes the ids of readiness checks.</summary>
public class ReadinessCheckCompleter : Completer
{
    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound) =>
        ReadinessCheck.All.Select(c => (c.Id, c.Subject));
}

/// <summary>Completes the ids of readiness checks, and All, where a command does without them.</summary>
public sealed class SkippedCheckCompleter : ReadinessCheckCompleter
{
    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound) =>
        base.List(parameter, bound).Append((ReadinessSelection.All, "All checks but those that protect data"));
}
