using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Session;

namespace VirtMigrate.Completion;

/// <summary>
/// Completes disks, by target, from the VM that the command line names, or from all VMs of the connected hosts. Opens no
/// connection and gives up after a second, since whoever presses Tab does not mean to wait.
/// </summary>
public sealed class VmDiskCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        using var deadline = new CancellationTokenSource(Patience);
        var names = NamesOf(fakeBoundParameters["Vm"]);
        var readings = ModuleSession.Current.Connections.Opened
            .Where(c => c.Host is { IsConnected: true })
            .Select(c => Task.Run(() => ReadAsync(c, names, deadline.Token)))
            .ToArray();
        Task.WaitAll(readings, Patience);
        return CompletionText.Results(wordToComplete, readings.Where(r => r.IsCompletedSuccessfully).SelectMany(r => r.Result));
    }

    private static WildcardPattern[] NamesOf(object? vm) => vm switch
    {
        null => [],
        string text => [WildcardPattern.Get(text, WildcardOptions.IgnoreCase)],
        IEnumerable list => [.. list.Cast<object?>().Select(o => WildcardPattern.Get(o?.ToString() ?? string.Empty, WildcardOptions.IgnoreCase))],
        _ => [WildcardPattern.Get(vm.ToString(), WildcardOptions.IgnoreCase)],
    };

    private static async Task<IReadOnlyList<(string Name, string ToolTip)>> ReadAsync(
        HostConnection connection, WildcardPattern[] names, CancellationToken cancellationToken)
    {
        var disks = new List<(string, string)>();
        try
        {
            var host = await connection.GetAsync(cancellationToken).ConfigureAwait(false);
            foreach (var vm in await host.ListVmsAsync(cancellationToken).ConfigureAwait(false))
            {
                if (names.Length == 0 || names.Any(n => n.IsMatch(vm.Name)))
                {
                    var definition = new DomainDefinition(await host.GetDefinitionAsync(vm.Uuid, cancellationToken).ConfigureAwait(false));
                    disks.AddRange(definition.Disks.Select(d => (d.Target, $"{d.Target}: {d.Source} of {vm.Name}")));
                }
            }
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // What was found so far is what can be offered.
        }

        return disks;
    }
}
