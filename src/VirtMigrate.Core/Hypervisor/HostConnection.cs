using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor;

/// <summary>
/// One host that this session talks to: its address, what it takes to get in, and the open connection,
/// opened when it is first needed and again when it was lost.
/// </summary>
public sealed class HostConnection : IAsyncDisposable
{
    /// <summary>How long a host may take to answer a connection attempt.</summary>
    public static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(30);

    private readonly ITransport _transport;
    private readonly HostCredential? _credential;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile IHypervisor? _hypervisor;
    private bool _disposed;

    /// <summary>Makes a connection that is not open yet.</summary>
    /// <param name="transport">The way to the host.</param>
    /// <param name="address">The host.</param>
    /// <param name="credential">What to answer when the host asks who is there.</param>
    public HostConnection(ITransport transport, HostAddress address, HostCredential? credential = null)
    {
        _transport = transport;
        _credential = credential;
        Address = address;
    }

    /// <summary>The host's address.</summary>
    public HostAddress Address { get; }

    /// <summary>The host as it last described itself, with whether it is connected now; null before the first opening.</summary>
    public VmHost? Host => _hypervisor is { } hypervisor ? hypervisor.Host with { IsConnected = hypervisor.IsAlive } : null;

    /// <summary>Whether the connection is open and stands, as far as can be told without asking the host.</summary>
    public bool IsAlive => _hypervisor is { IsAlive: true };

    /// <summary>Whether a migration from here goes on when this side loses sight of it, though it is not peer-to-peer.</summary>
    public bool MigrationOutlivesClient => _hypervisor is { MigrationOutlivesClient: true };

    /// <summary>Whether another connection leads to the same host, which may be connected by several URIs.</summary>
    /// <param name="other">The other connection.</param>
    /// <returns>True when it does, as far as can be told without asking either.</returns>
    public bool IsSameHost(HostConnection other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Address == other.Address || (Host is { } here && other.Host is { } there &&
            string.Equals(here.Name, there.Name, StringComparison.OrdinalIgnoreCase) && here.Uuid == there.Uuid);
    }

    /// <summary>Gives the open connection, opening or reopening it where that is needed.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The host.</returns>
    /// <exception cref="HypervisorException">The host can't be reached or does not let us in.</exception>
    public async Task<IHypervisor> GetAsync(CancellationToken cancellationToken)
    {
        if (_hypervisor is { IsAlive: true } open)
        {
            return open;
        }

        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_hypervisor is { IsAlive: true } opened)
            {
                return opened;
            }

            var lost = _hypervisor;
            _hypervisor = await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (lost is not null)
            {
                await lost.DisposeAsync().ConfigureAwait(false);
            }

            return _hypervisor;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>
    /// Reads something from the host, once more on a new connection where the present one turns out to be dead.
    /// </summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">The reading, which must change nothing.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What was read.</returns>
    public async Task<T> ReadAsync<T>(Func<IHypervisor, Task<T>> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(read);
        var hypervisor = await GetAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await read(hypervisor).ConfigureAwait(false);
        }
        catch (HostConnectionLostException)
        {
            hypervisor = await GetAsync(cancellationToken).ConfigureAwait(false);
            return await read(hypervisor).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection.</summary>
    /// <returns>A task that ends when it is closed.</returns>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            _disposed = true;
            if (_hypervisor is { } hypervisor)
            {
                _hypervisor = null;
                await hypervisor.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<IHypervisor> OpenAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(OpenTimeout);
        try
        {
            return await _transport.OpenAsync(Address, _credential, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HostTimeoutException(Address, OpenTimeout) { Host = Address };
        }
    }
}
