using System.Collections;
using System.Collections.Concurrent;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Selection;
using VirtMigrate.Session;

namespace VirtMigrate.Completion;

/// <summary>
/// Asks hosts for what Tab offers: those that the command line names with -VmHost, else all that the session is connected to, else, where
/// there are none, this machine. It opens no connection to another machine and waits for a second at most, since whoever presses Tab
/// does not mean to wait for a host that is down.
/// </summary>
internal static class HostQuestion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Asks.</summary>
    /// <typeparam name="T">What is asked for.</typeparam>
    /// <param name="bound">The parameters that the command line has so far.</param>
    /// <param name="ask">Asks one host, and hands on what it says as it says it.</param>
    /// <returns>What the hosts said in time.</returns>
    public static IReadOnlyList<T> Ask<T>(IDictionary bound, Func<IHypervisor, Action<T>, CancellationToken, Task> ask)
    {
        ArgumentNullException.ThrowIfNull(bound);
        using var deadline = new CancellationTokenSource();
        var said = new ConcurrentQueue<T>();
        var token = deadline.Token;
        var connected = Connected(bound["VmHost"]);
        var answers = connected is [] && bound["VmHost"] is null && HostAddresses.DefaultSource is { HostName.Length: 0 } here
            ? [Task.Run(() => AskOnceAsync(here, h => ask(h, said.Enqueue, token), token), CancellationToken.None)]
            : connected.Select(c => Task.Run(() => AskAsync(c, h => ask(h, said.Enqueue, token), token), CancellationToken.None)).ToArray();
        Task.WaitAll(answers, Patience);
        deadline.Cancel();
        return [.. said];
    }

    /// <summary>The texts of an argument that may be one, several or none.</summary>
    /// <param name="argument">The argument.</param>
    /// <returns>The texts.</returns>
    public static IEnumerable<string> Texts(object? argument) => argument switch
    {
        null => [],
        string text => [text],
        IEnumerable list => list.Cast<object?>().Select(o => o?.ToString() ?? string.Empty),
        _ => [argument.ToString() ?? string.Empty],
    };

    private static IReadOnlyList<HostConnection> Connected(object? named)
    {
        var session = ModuleSession.Current.Connections;
        var chosen = named is null ? session.Opened : [.. Texts(named).SelectMany(t => VmHostPattern.Find(session, t)).Distinct()];
        return [.. chosen.Where(c => c.IsAlive)];
    }

    // Tab changes nothing: the session does not get a connection that nobody asked for.
    private static async Task AskOnceAsync(HostAddress address, Func<IHypervisor, Task> ask, CancellationToken cancellationToken)
    {
        await using var connection = new HostConnection(new DetectedTransport(), address);
        await AskAsync(connection, ask, cancellationToken).ConfigureAwait(false);
    }

    // A host that fails, or whose time is up, has no more to offer; that is all that Tab can say of it.
    private static async Task AskAsync(HostConnection connection, Func<IHypervisor, Task> ask, CancellationToken cancellationToken)
    {
        try
        {
            await ask(await connection.GetAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
