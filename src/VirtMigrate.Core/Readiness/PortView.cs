using System.Globalization;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>What could be seen of some ports of the destination, from the best place that there is.</summary>
/// <param name="From">The place.</param>
/// <param name="Host">The name or address that was tried.</param>
/// <param name="Answers">What became of each port.</param>
internal sealed record PortView(string From, string Host, IReadOnlyDictionary<int, PortAnswer> Answers)
{
    /// <summary>
    /// Whether what was seen is the way that data takes: the source's own view, or this computer's view of the address that data goes to.
    /// False for a network that this computer need not reach.
    /// </summary>
    public bool IsDecisive { get; init; }

    /// <summary>Whether the source saw it itself.</summary>
    public bool IsFromSource { get; init; }

    /// <summary>What was read.</summary>
    public IReadOnlyList<ReadinessEvidence> Evidence => [.. Answers.GroupBy(a => a.Value)
        .Select(g => new ReadinessEvidence(From, $"tcp {Host} {ToText(g.Select(a => a.Key))}", g.Key.ToString()))];

    /// <summary>Looks at ports.</summary>
    /// <returns>What was seen; null where nothing can be seen from anywhere.</returns>
    public static async Task<PortView?> OfAsync(CheckContext context, string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        if (context.Source.Probe is { } source && await source.ConnectAsync(host, ports, cancellationToken).ConfigureAwait(false) is { } seen)
        {
            return new(source.From, host, ToAnswers(ports, seen)) { IsDecisive = true, IsFromSource = true };
        }

        // A destination that is this computer does not look at itself through the network.
        var connection = context.Destination.Address.HostName.Trim('[', ']');
        if (connection.Length == 0)
        {
            return null;
        }

        var client = context.Client;
        var data = await client.ResolveAsync(host, cancellationToken).ConfigureAwait(false) ?? [];
        var control = await client.ResolveAsync(connection, cancellationToken).ConfigureAwait(false) ?? [];

        // The destination's own name, where this computer does not know it, most likely stands for the address that it is reached at.
        var tried = data.Count > 0 ? host : connection;
        return control.Count + data.Count > 0 && await client.ConnectAsync(tried, ports, cancellationToken).ConfigureAwait(false) is { } answers
            ? new(client.From, tried, ToAnswers(ports, answers)) { IsDecisive = data.Count == 0 || data.Intersect(control).Any() }
            : null;
    }

    /// <summary>Ports as people write them: <c>49152-49200, 49215</c>.</summary>
    public static string ToText(IEnumerable<int> ports)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var port in ports.Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last == port - 1)
            {
                ranges[^1] = (ranges[^1].First, port);
            }
            else
            {
                ranges.Add((port, port));
            }
        }

        return string.Join(", ", ranges.Select(r => r.First == r.Last ? Number(r.First) : $"{Number(r.First)}-{Number(r.Last)}"));
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<int, PortAnswer> ToAnswers(IReadOnlyList<int> ports, IReadOnlyList<PortAnswer> answers) =>
        ports.Zip(answers).ToDictionary(p => p.First, p => p.Second);
}

/// <summary>The TCP ports that somebody listens on at a host, read without touching them.</summary>
/// <param name="Ports">The ports, with the addresses as <c>ss</c> prints them.</param>
internal sealed record HostListeners(IReadOnlyDictionary<int, IReadOnlyList<string>> Ports)
{
    /// <summary>Reads them.</summary>
    /// <returns>The listeners; null where they can't be read.</returns>
    public static async Task<HostListeners?> ReadAsync(IHostShell? shell, CancellationToken cancellationToken) =>
        shell is not null && await shell.RunAsync(["ss", "-Htln"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var lines }
            ? Parse(lines)
            : null;

    /// <summary>Reads them from what <c>ss -Htln</c> prints.</summary>
    internal static HostListeners Parse(string lines) => new(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length >= 4).Select(w => w[3])
        .Select(end => (End: end, Port: ToPort(end))).Where(e => e.Port > 0)
        .GroupBy(e => e.Port).ToDictionary(g => g.Key, IReadOnlyList<string> (g) => [.. g.Select(e => e.End)]));

    private static int ToPort(string end) =>
        int.TryParse(end[(end.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
}

/// <summary>
/// Tells a port where nobody listens from a firewall that answers just so (<c>reject with tcp reset</c>): for a moment, somebody listens.
/// Libvirt steps over the port meanwhile, as over any that is taken.
/// </summary>
internal static class ListenTrial
{
    private const string Connected = "connected";

    private const string Listener = """
        import socket, sys
        try:
            s = socket.socket(socket.AF_INET6)
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('::', int(sys.argv[1])))
        except OSError:
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            s.bind(('', int(sys.argv[1])))
        s.listen(1)
        s.settimeout(15)
        s.accept()
        print('connected')
        """;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Has the destination listen on a port and connects to it.</summary>
    /// <returns>Whether somebody who listens is reached; null where that can't be tried.</returns>
    public static Task<bool?> RunAsync(CheckContext context, PortView view, int port) => context.Destination.AskAsync(
        (nameof(ListenTrial), view.From, view.Host, port), (_, ct) => TryAsync(context, view, port, ct));

    private static async Task<bool?> TryAsync(CheckContext context, PortView view, int port, CancellationToken cancellationToken)
    {
        // What was found out before does not hold while somebody listens.
        var probe = (view.IsFromSource ? context.Source.Probe : context.Client)?.Fresh;
        if (context.Destination.Shell?.Fresh is not { } shell || probe is null)
        {
            return null;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listening = shell.RunAsync(["python3", "-c", Listener, port.ToString(CultureInfo.InvariantCulture)], enough.Token);
        try
        {
            while (!listening.IsCompleted)
            {
                // A refusal counts only if somebody listened before it and still does after it.
                if (await IsListeningAsync(shell, port, cancellationToken).ConfigureAwait(false)
                    && await probe.ConnectAsync(view.Host, port, cancellationToken).ConfigureAwait(false) == PortAnswer.Refused
                    && await IsListeningAsync(shell, port, cancellationToken).ConfigureAwait(false))
                {
                    return false;
                }

                await Task.WhenAny(listening, Task.Delay(Pause, cancellationToken)).ConfigureAwait(false);
            }

            return (await listening.ConfigureAwait(false))?.Output.Trim() is Connected ? true : null;
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            await ((Task)listening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<bool> IsListeningAsync(IHostShell shell, int port, CancellationToken cancellationToken) =>
        (await HostListeners.ReadAsync(shell, cancellationToken).ConfigureAwait(false))?.Ports.ContainsKey(port) == true;
}
