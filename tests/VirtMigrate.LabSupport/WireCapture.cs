using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace VirtMigrate.LabSupport;

/// <summary>Listens on a host's link for known bytes, until it is disposed.</summary>
public sealed class WireCapture : IAsyncDisposable
{
    private const int PacketFamily = 17;
    private const ushort AllProtocols = 0x0003;

    // As <sys/socket.h> and <linux/if_packet.h> have them.
    private const int SocketLevel = 1;
    private const int ForceReceiveBuffer = 33;
    private const int PacketLevel = 263;
    private const int Statistics = 6;

    // More than a guest of the lab has, so that nothing is lost while the reader waits for a processor.
    private const int Buffer = 512 << 20;

    // Without a protocol it hears nothing yet; with one it would hear every device until it is bound to one.
    private readonly Socket _socket = new(AddressFamily.Packet, SocketType.Raw, ProtocolType.Unspecified);

    private readonly byte[][] _wanted;
    private readonly bool[] _found;
    private readonly Thread _reader;
    private long _bytes;

    private WireCapture(string device, IEnumerable<byte[]> wanted)
    {
        _wanted = [.. wanted];
        _found = new bool[_wanted.Length];
        _socket.SetRawSocketOption(SocketLevel, ForceReceiveBuffer, BitConverter.GetBytes(Buffer));
        _socket.Bind(new LinkEndPoint(device));
        _reader = new(Listen) { IsBackground = true };
        _reader.Start();
    }

    /// <summary>How many of the wanted byte strings have passed.</summary>
    public int Found => _found.Count(f => f);

    /// <summary>How many bytes have passed, in both directions.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Begins to listen on a host's link.</summary>
    /// <param name="host">The host.</param>
    /// <param name="wanted">The bytes to look for.</param>
    /// <returns>The capture.</returns>
    public static WireCapture Begin(LabHost host, IEnumerable<byte[]> wanted) => new(host.Link, wanted);

    /// <summary>Waits until all that has passed so far was looked at.</summary>
    /// <returns>A task that ends when it was.</returns>
    public async Task CatchUpAsync()
    {
        while (_socket.Available > 0)
        {
            await Task.Delay(20);
        }

        // The two counts of struct tpacket_stats: seen, and dropped.
        var statistics = new byte[8];
        _socket.GetRawSocketOption(PacketLevel, Statistics, statistics);
        if (BitConverter.ToUInt32(statistics, 4) is > 0 and var lost)
        {
            throw new LabException($"{lost} packets passed unseen.");
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _reader.Join();
        return ValueTask.CompletedTask;
    }

    private void Listen()
    {
        // A veth hands on segments of up to 64 KiB.
        var packet = new byte[128 << 10];
        try
        {
            while (true)
            {
                var content = packet.AsSpan(0, _socket.Receive(packet));
                Interlocked.Add(ref _bytes, content.Length);
                for (var i = 0; i < _wanted.Length; i++)
                {
                    _found[i] = _found[i] || content.IndexOf(_wanted[i]) >= 0;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // That is how it ends.
        }
    }

    // struct sockaddr_ll: the family, the protocol in network order, and the device's number.
    private sealed class LinkEndPoint(string device) : EndPoint
    {
        public override AddressFamily AddressFamily => AddressFamily.Packet;

        public override SocketAddress Serialize()
        {
            var address = new SocketAddress(AddressFamily.Packet, 20);
            BinaryPrimitives.WriteUInt16LittleEndian(address.Buffer.Span, PacketFamily);
            BinaryPrimitives.WriteUInt16BigEndian(address.Buffer.Span[2..], AllProtocols);
            BinaryPrimitives.WriteInt32LittleEndian(address.Buffer.Span[4..], Number(device));
            return address;
        }

        private static int Number(string name) =>
            int.Parse(File.ReadAllText($"/sys/class/net/{name}/ifindex"), System.Globalization.CultureInfo.InvariantCulture);
    }
}
