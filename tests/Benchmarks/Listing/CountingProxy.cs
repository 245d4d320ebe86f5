using System.Net;
using System.Net.Sockets;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>Stands between a client and a libvirt daemon's TCP port and counts the calls.</summary>
internal sealed class CountingProxy : IAsyncDisposable
{
    private const int LibvirtPort = 16509;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly RpcCallCounter _counter = new();
    private readonly string _address;
    private readonly Task _serving;

    /// <summary>Begins to listen, for one client.</summary>
    /// <param name="address">The host's address.</param>
    public CountingProxy(string address)
    {
        _address = address;
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>The host's URI by way of the proxy.</summary>
    public string Uri => $"qemu+tcp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/system";

    /// <summary>Takes the calls since the last time.</summary>
    /// <returns>The procedures' numbers.</returns>
    public uint[] TakeCalls()
    {
        lock (_counter)
        {
            uint[] calls = [.. _counter.Procedures];
            _counter.Procedures.Clear();
            return calls;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync(_end.Token);
        using var host = new TcpClient(_address, LibvirtPort);
        client.NoDelay = host.NoDelay = true;
        await Task.WhenAny(
            PumpAsync(client.GetStream(), host.GetStream(), isCounted: true),
            PumpAsync(host.GetStream(), client.GetStream(), isCounted: false));
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, bool isCounted)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var length)
        {
            if (isCounted)
            {
                lock (_counter)
                {
                    _counter.Feed(buffer.AsSpan(0, length));
                }
            }

            await to.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }
}
