using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;
using VirtMigrate.Session;

namespace VirtMigrate.Completion;

/// <summary>
/// Completes names of VMs from the hosts that the session is connected to. Opens no connection and gives up after a second,
/// since whoever presses Tab does not mean to wait.
/// </summary>
public sealed class VmNameCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var readings = ModuleSession.Current.Connections.Opened
            .Where(c => c.Host is { IsConnected: true })
            .Select(c => Task.Run(() => ReadAsync(c, deadline.Token)))
            .ToArray();
        Task.WaitAll(readings, Patience);
        return CompletionText.Results(wordToComplete, readings
            .Where(r => r.IsCompletedSuccessfully)
            .SelectMany(r => r.Result)
            .Select(vm => (vm.Name, $"{vm.Name}: {vm.Status} on {vm.VmHost}")));
    }

    private static async Task<IReadOnlyList<Vm>> ReadAsync(HostConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var host = await connection.GetAsync(cancellationToken).ConfigureAwait(false);
            return await host.ListVmsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            return [];
        }
    }
}
