using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Completion;

/// <summary>Completes disks, by target, from the VMs that the command line names, or from all.</summary>
public sealed class VmDiskCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var names = NamesOf(fakeBoundParameters["Vm"]);
        return CompletionText.Results(
            wordToComplete,
            HostQuestion.Ask<(string, string)>(fakeBoundParameters, (host, say, token) => ReadAsync(host, names, say, token)));
    }

    private static WildcardPattern[] NamesOf(object? vm) =>
        [.. HostQuestion.Texts(vm).Select(t => WildcardPattern.Get(t, WildcardOptions.IgnoreCase))];

    private static async Task ReadAsync(
        IHypervisor host, WildcardPattern[] names, Action<(string Name, string ToolTip)> say, CancellationToken cancellationToken)
    {
        foreach (var vm in await host.ListVmsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (names.Length == 0 || names.Any(n => n.IsMatch(vm.Name)))
            {
                var definition = new DomainDefinition(await host.GetDefinitionAsync(vm.Uuid, cancellationToken).ConfigureAwait(false));
                foreach (var disk in definition.Disks)
                {
                    say((disk.Target, $"{disk.Target}: {disk.Source} of {vm.Name}"));
                }
            }
        }
    }
}
