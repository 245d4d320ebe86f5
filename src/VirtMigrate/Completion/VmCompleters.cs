using System.Collections.Concurrent;
using System.Collections;
using VirtMigrate.Cmdlets;
using VirtMigrate.Hosts;
using VirtMigrate.Selection;
using VirtMigrate.Session;
using VirtMigrate.Xml;

namespace VirtMigrate.Completion;

/// <summary>
/// Completes an argument by asking hosts: those that the command line names with -VmHost, else all that the session is connected to, else,
/// where there are none, this machine. It opens no connection to another machine and waits a second at most: whoever presses Tab does not
/// mean to wait for a host that is down.
/// </summary>
public abstract class HostAskingCompleter : Completer
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(1);

    /// <summary>The texts of an argument that may be one, several or none.</summary>
    /// <param name="argument">The argument.</param>
    /// <returns>The texts.</returns>
    private protected static IEnumerable<string> Texts(object? argument) => argument switch
    {
        null => [],
        string text => [text],
        IEnumerable list => list.Cast<object?>().Select(o => o?.ToString() ?? string.Empty),
        _ => [argument.ToString() ?? string.Empty],
    };

    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound)
    {
        using var deadline = new CancellationTokenSource();
        var found = new ConcurrentQueue<(string, string)>();
        var token = deadline.Token;
        var named = bound[nameof(VmCmdlet.VmHost)];
        var connected = Connected(named);
        var answers = connected is [] && named is null && HostAddresses.DefaultSource is { HostName.Length: 0 } here
            ? [Task.Run(() => AskOnceAsync(here), CancellationToken.None)]
            : connected.Select(c => Task.Run(() => AskAsync(c), CancellationToken.None)).ToArray();
        Task.WaitAll(answers, Deadline);
        deadline.Cancel();
        return [.. found];

        // Tab changes nothing: the session does not get a connection that nobody asked for.
        async Task AskOnceAsync(HostAddress address)
        {
            await using var connection = new HostConnection(new DetectedTransport(), address);
            await AskAsync(connection).ConfigureAwait(false);
        }

        // A host that fails, or is out of time, has no more to offer; that is all that Tab can say of it.
        async Task AskAsync(HostConnection connection)
        {
            try
            {
                await ReadAsync(await connection.GetAsync(token).ConfigureAwait(false), bound, found.Enqueue, token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HypervisorException or OperationCanceledException or ObjectDisposedException)
            {
            }
        }
    }

    /// <summary>Reads the candidates from one host, and hands on each as it is found.</summary>
    /// <param name="host">The host.</param>
    /// <param name="bound">The parameters that the command line has so far.</param>
    /// <param name="add">Takes a candidate.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>A task that ends with the last of them.</returns>
    private protected abstract Task ReadAsync(
        IHypervisor host, IDictionary bound, Action<(string Name, string ToolTip)> add, CancellationToken cancellationToken);

    private static IReadOnlyList<HostConnection> Connected(object? named)
    {
        var session = ModuleSession.Current.Connections;
        var chosen = named is null ? session.Opened : [.. Texts(named).SelectMany(t => VmHostPattern.Find(session, t)).Distinct()];
        return [.. chosen.Where(c => c.IsAlive)];
    }
}

/// <summary>Completes names of VMs, with their states and hosts.</summary>
public sealed class VmNameCompleter : HostAskingCompleter
{
    private protected override bool TakesWildcards => true;

    private protected override async Task ReadAsync(
        IHypervisor host, IDictionary bound, Action<(string Name, string ToolTip)> add, CancellationToken cancellationToken)
    {
        foreach (var vm in await host.ListVmsAsync(cancellationToken).ConfigureAwait(false))
        {
            add((vm.Name, $"{vm.Name}: {vm.Status} on {vm.VmHost}"));
        }
    }
}

/// <summary>Completes disks, by target, from the VMs that the command line names, or from all.</summary>
public sealed class VmDiskCompleter : HostAskingCompleter
{
    private protected override async Task ReadAsync(
        IHypervisor host, IDictionary bound, Action<(string Name, string ToolTip)> add, CancellationToken cancellationToken)
    {
        var vms = await host.ListVmsAsync(cancellationToken).ConfigureAwait(false);
        VmNameChoice[] choices = [.. Texts(bound[nameof(VmCmdlet.Vm)]).Select(n => VmNameChoice.Of(n, vms.Select(vm => vm.Name)))];
        foreach (var vm in vms.Where(vm => choices.Length == 0 || choices.Any(c => c.Includes(vm.Name))))
        {
            var definition = new DomainDefinition(await host.GetDefinitionAsync(vm.Uuid, cancellationToken).ConfigureAwait(false));
            foreach (var disk in definition.Disks)
            {
                add((disk.Target, $"{disk.Target}: {disk.Source} of {vm.Name}"));
            }
        }
    }
}
