using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace VirtMigrate.Readiness.Probing;

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
    /// <param name="socket">The socket, before it connects.</param>
    public static void Listen(Socket socket)
    {
        if (OperatingSystem.IsLinux())
        {
            var (level, option) = socket.AddressFamily == AddressFamily.InterNetworkV6 ? (Ipv6Level, Ipv6ReceiveErrors) : (Ipv4Level, Ipv4ReceiveErrors);
            socket.SetRawSocketOption(level, option, BitConverter.GetBytes(1));
        }
    }

    /// <summary>Whether a firewall's message ended the connecting.</summary>
    /// <param name="socket">The socket.</param>
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
