using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace VirtMigrate.Completion;

/// <summary>Completes names of VMs, with their states and hosts.</summary>
public sealed class VmNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionText.Results(
            wordToComplete,
            HostQuestion.Ask<Vm>(fakeBoundParameters, async (host, say, token) =>
            {
                foreach (var vm in await host.ListVmsAsync(token).ConfigureAwait(false))
                {
                    say(vm);
                }
            }).Select(vm => (vm.Name, $"{vm.Name}: {vm.Status} on {vm.VmHost}")),
            takesWildcards: true);
}
