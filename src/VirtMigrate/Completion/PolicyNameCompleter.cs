using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VirtMigrate.Completion;

/// <summary>Completes the names of the built-in policies.</summary>
public sealed class PolicyNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Results(wordToComplete, MigrationPolicies.All.Select(p => (p.Name, p.Description)));
}
