using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VirtMigrate.Completion;

/// <summary>
/// Completes hosts where a command can open one: those that the session is connected to, and those that this machine's settings name.
/// Asks none of them.
/// </summary>
public sealed class HostAddressCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Results(wordToComplete, [.. ConnectedHosts.List(), .. KnownAddresses.List()]);
}
