using System.Net;
using System.Net.Sockets;

namespace VirtMigrate.Readiness.Probing;

/// <summary>This computer's view of the way to a host.</summary>
/// <param name="from">What this computer is called: by its name where it is a host of the migration itself.</param>
internal sealed class SocketProbe(string from = SocketProbe.ThisComputer) : IPathProbe
{
    /// <summary>What this computer is called where it is no host of the migration.</summary>
    public const string ThisComputer = "this computer";

    /// <summary>How long a host may take to answer, before it counts as silent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const int SocketsAtOnce = 64;

    /// <inheritdoc/>
    public string From { get; } = from;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ports);
        var addresses = await ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        if (addresses is not { Count: > 0 })
        {
            return [.. ports.Select(_ => PortAnswer.NameUnknown)];
        }

        using var room = new SemaphoreSlim(SocketsAtOnce);
        return await Task.WhenAll(ports.Select(async port =>
        {
            var answers = await Task.WhenAll(addresses.Select(a => ConnectAsync(new(a, port), room, cancellationToken))).ConfigureAwait(false);

            // QEMU and libvirt try a name's addresses in turn, so that one that answers is enough.
            return answers.Min();
        })).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(name, out var address))
        {
            return [address];
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            return await Dns.GetHostAddressesAsync(name, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return [];
        }
    }

    private static async Task<PortAnswer> ConnectAsync(IPEndPoint end, SemaphoreSlim room, CancellationToken cancellationToken)
    {
        await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var socket = new Socket(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            IcmpErrors.Listen(socket);
            await socket.ConnectAsync(end, patience.Token).ConfigureAwait(false);

            // Linux queues a firewall's message before it fails the connection, and between the two the connection looks made.
            return IcmpErrors.IsRejection(socket) ? PortAnswer.Rejected : PortAnswer.Open;
        }
        catch (SocketException e)
        {
            return IcmpErrors.IsRejection(socket) ? PortAnswer.Rejected : ToAnswer(e.SocketErrorCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return PortAnswer.TimedOut;
        }
        finally
        {
            room.Release();
        }
    }

    private static PortAnswer ToAnswer(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => PortAnswer.Refused,
        SocketError.TimedOut => PortAnswer.TimedOut,
        SocketError.AccessDenied => PortAnswer.Rejected,
        _ => PortAnswer.Unreachable,
    };
}
