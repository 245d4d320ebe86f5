using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VirtMigrate.Options;

namespace VirtMigrate.Completion;

/// <summary>Completes the values that the option table lists for a parameter.</summary>
public sealed class MigrationChoiceCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Results(wordToComplete, (MigrationOptions.Find(parameterName)?.Choices ?? [])
            .Select(c => (c.Value, c.Since is null ? c.Value : $"{c.Value} (libvirt {c.Since} and later)")));
}
