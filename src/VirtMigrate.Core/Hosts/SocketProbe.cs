using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VirtMigrate.Hosts;

/// <summary>This computer's view of the way to a host.</summary>
internal sealed class SocketProbe(string from = SocketProbe.ThisComputer) : INetworkProbe
{
    /// <summary>What this computer is called where it is no host of the migration.</summary>
    public const string ThisComputer = "this computer";

    /// <summary>How long a host may take to answer, before it counts as silent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private const int SocketsAtOnce = 64;

    public string From { get; } = from;

    public async Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
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

/// <summary>
/// Tells who said no to a connection: the host's TCP, which has nobody listening, or a firewall, whose ICMP message ends in the same
/// error. Linux keeps the message in the socket's error queue (ip(7), IP_RECVERR; for TCP that connects since Linux 5.8).
/// </summary>
internal static unsafe partial class IcmpErrors
{
    private const int Ipv4Level = 0;
    private const int Ipv4ReceiveErrors = 11;
    private const int Ipv6Level = 41;
    private const int Ipv6ReceiveErrors = 25;
    private const int ErrorQueue = 0x2000;
    private const byte OriginIcmp = 2;
    private const byte OriginIcmp6 = 3;

    /// <summary>Has the messages kept that come for a socket.</summary>
    public static void Listen(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            var (level, option) = socket.AddressFamily == AddressFamily.InterNetworkV6 ? (Ipv6Level, Ipv6ReceiveErrors) : (Ipv4Level, Ipv4ReceiveErrors);
            socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
        }
    }

    /// <summary>Whether a firewall's message ended the connecting.</summary>
    /// <returns>False also where that can't be told.</returns>
    public static bool IsRejection(Socket socket) => OperatingSystem.IsLinux() && Read(socket) is { } message && IsRejection(message);

    private static bool IsRejection((byte Origin, byte Type, byte Code) message) => message switch
    {
        // Destination unreachable: by port, by the administrator for the net, the host or the communication as such.
        (OriginIcmp, 3, 3 or 9 or 10 or 13) => true,

        // The same of IPv6: by the administrator, by port, by policy, by a route.
        (OriginIcmp6, 1, 1 or 4 or 5 or 6) => true,
        _ => false,
    };

    private static (byte Origin, byte Type, byte Code)? Read(Socket socket)
    {
        const int Room = 512;
        var control = stackalloc byte[Room];
        byte data;
        var vector = new Vector { Start = (nint)(&data), Length = sizeof(byte) };
        var header = new MessageHeader { Vectors = (nint)(&vector), VectorCount = 1, Control = (nint)control, ControlLength = Room };
        var headerLength = sizeof(nint) + (2 * sizeof(int));

        // What follows the control header is a sock_extended_err: the error number, then origin, type and code.
        return ReceiveMessage(socket.SafeHandle, ref header, ErrorQueue) >= 0 && header.ControlLength >= headerLength + 8
            ? (control[headerLength + 4], control[headerLength + 5], control[headerLength + 6])
            : null;
    }

    [LibraryImport("libc", EntryPoint = "recvmsg")]
    private static partial nint ReceiveMessage(SafeHandle socket, ref MessageHeader header, int flags);

    /// <summary>An iovec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public nint Start;
        public nint Length;
    }

    /// <summary>A msghdr.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Vectors;
        public nint VectorCount;
        public nint Control;
        public nint ControlLength;
        public int Flags;
    }
}
