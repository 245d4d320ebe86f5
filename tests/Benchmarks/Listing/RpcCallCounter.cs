using System.Buffers.Binary;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>Counts the calls in what a client of libvirt sends, however the stream is cut into pieces.</summary>
internal sealed class RpcCallCounter
{
    // A message (docs: "libvirt RPC protocol"): its length including these four bytes, then program, version, procedure,
    // type, serial and status, four bytes each, most significant first.
    private const int HeaderLength = 7 * sizeof(int);
    private const uint RemoteProgram = 0x20008086;
    private const uint QemuProgram = 0x20008087;
    private const uint Call = 0;

    private readonly byte[] _header = new byte[HeaderLength];
    private int _headerBytes;
    private long _bodyBytes;

    /// <summary>The procedures that were called, in order; keepalive messages are not among them.</summary>
    public List<uint> Procedures { get; } = [];

    /// <summary>Takes in the next piece.</summary>
    /// <param name="piece">Bytes from client to host.</param>
    public void Feed(ReadOnlySpan<byte> piece)
    {
        while (!piece.IsEmpty)
        {
            if (_bodyBytes > 0)
            {
                var skipped = (int)Math.Min(_bodyBytes, piece.Length);
                _bodyBytes -= skipped;
                piece = piece[skipped..];
                continue;
            }

            var taken = Math.Min(HeaderLength - _headerBytes, piece.Length);
            piece[..taken].CopyTo(_header.AsSpan(_headerBytes));
            _headerBytes += taken;
            piece = piece[taken..];
            if (_headerBytes == HeaderLength)
            {
                ReadHeader();
            }
        }
    }

    private void ReadHeader()
    {
        uint Word(int number) => BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(number * sizeof(int)));
        _headerBytes = 0;
        _bodyBytes = Word(0) - HeaderLength;
        if (Word(1) is RemoteProgram or QemuProgram && Word(4) == Call)
        {
            Procedures.Add(Word(3));
        }
    }
}
