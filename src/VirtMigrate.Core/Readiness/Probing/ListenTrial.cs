using System.Globalization;

namespace VirtMigrate.Readiness.Probing;

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
    /// <param name="path">The means.</param>
    /// <param name="view">From where the port was seen.</param>
    /// <param name="port">A free port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether somebody who listens is reached; null where that can't be tried.</returns>
    public static Task<bool?> RunAsync(PathProbe path, PathView view, int port, CancellationToken cancellationToken) =>
        path.Facts.GetAsync((nameof(ListenTrial), view.Host, port), ct => TryAsync(path, view, port, ct), cancellationToken);

    private static async Task<bool?> TryAsync(PathProbe path, PathView view, int port, CancellationToken cancellationToken)
    {
        var probe = view.IsFromSource ? path.Source : path.Client;
        if (path.DestinationShell is not { } shell || probe is null)
        {
            return null;
        }

        // What was found out before does not hold while somebody listens.
        probe = probe is RememberedProbe known ? known.Inner : probe;
        shell = shell is RememberedShell remembered ? remembered.Inner : shell;
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
