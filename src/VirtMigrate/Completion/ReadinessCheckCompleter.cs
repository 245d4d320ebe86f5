using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VirtMigrate.Cmdlets;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Completion;

/// <summary>Completes the ids of readiness checks, and All where all of them can be left out.</summary>
public sealed class ReadinessCheckCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Results(wordToComplete, ReadinessCheck.All.Select(c => (c.Id, c.Subject)).Concat(
            parameterName is nameof(StartVmMigrationCommand.SkipReadiness) ? [(ReadinessSelection.All, "No check at all")] : []));
}
