using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VirtMigrate.Hosts;
using VirtMigrate.Selection;
using VirtMigrate.Xml;

namespace VirtMigrate.Completion;

/// <summary>Completes disks, by target, from the VMs that the command line names, or from all.</summary>
public sealed class VmDiskCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        string[] names = [.. HostQuestion.Texts(fakeBoundParameters["Vm"])];
        return CompletionText.Results(
            wordToComplete,
            HostQuestion.Ask<(string, string)>(fakeBoundParameters, (host, say, token) => ReadAsync(host, names, say, token)));
    }

    private static async Task ReadAsync(
        IHypervisor host, string[] names, Action<(string Name, string ToolTip)> say, CancellationToken cancellationToken)
    {
        var vms = await host.ListVmsAsync(cancellationToken).ConfigureAwait(false);
        VmNameChoice[] choices = [.. names.Select(n => VmNameChoice.Of(n, vms.Select(vm => vm.Name)))];
        foreach (var vm in vms)
        {
            if (choices.Length == 0 || choices.Any(c => c.Includes(vm.Name)))
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
