namespace VirtMigrate.Hosts;

/// <summary>A way to reach hosts.</summary>
internal interface ITransport
{
    /// <summary>Opens a connection to a host.</summary>
    /// <param name="address">The host.</param>
    /// <param name="credential">The user name and password for a host that asks for them; null for none.</param>
    /// <param name="cancellationToken">Cancels the wait; a connection that comes later is closed.</param>
    /// <returns>The open connection.</returns>
    Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken);
}

/// <summary>A user name and password for a host that asks for them (SASL, or ssh inside libvirt).</summary>
/// <param name="UserName">The user's name.</param>
/// <param name="Password">The password. Kept in memory for reconnecting, written nowhere.</param>
public sealed record HostCredential(string UserName, string Password)
{
    /// <summary>The user's name alone, so that no log shows the password.</summary>
    /// <returns><see cref="UserName"/>.</returns>
    public override string ToString() => UserName;
}

/// <summary>
/// One host that this session talks to: its address, what it takes to get in, and the open connection,
/// opened when it is first needed and again when it was lost.
/// </summary>
internal sealed class HostConnection : IAsyncDisposable
{
    private readonly ITransport _transport;
    private readonly HostCredential? _credential;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing = new();
    private readonly object _lock = new();
    private volatile IHypervisor? _hypervisor;
    private Task<IHypervisor>? _opening;

    /// <summary>Makes a connection that is not open yet.</summary>
    /// <param name="transport">The way to the host.</param>
    /// <param name="address">The host.</param>
    /// <param name="credential">The user name and password for a host that asks for them.</param>
    /// <param name="time">What tells the time; null for the system's clock.</param>
    public HostConnection(ITransport transport, HostAddress address, HostCredential? credential = null, TimeProvider? time = null)
    {
        _transport = transport;
        _credential = credential;
        _time = time ?? TimeProvider.System;
        Address = address;
    }

    /// <summary>Stands for a host that nobody here knows; it can't be asked for anything.</summary>
    internal static HostConnection Unknown { get; } = new(new Nowhere(), HostAddress.Unknown);

    /// <summary>Whether it leads to a host that is known.</summary>
    internal bool IsKnown => this != Unknown;

    /// <summary>The host's address.</summary>
    public HostAddress Address { get; }

    /// <summary>The host as it last described itself, with whether it is connected now; null before the first opening.</summary>
    public VmHost? Host => _hypervisor is { } hypervisor ? hypervisor.Host with { IsConnected = hypervisor.IsAlive } : null;

    /// <summary>The host as it last described itself, else by its address.</summary>
    public VmHost Described => Host ?? VmHost.Unreached(Address);

    /// <summary>What to call it to people: the host's own name, else its URI.</summary>
    public string Name => Host?.Name ?? Address.Uri;

    /// <summary>Whether the connection is open and stands, as far as can be told without asking the host.</summary>
    public bool IsAlive => _hypervisor is { IsAlive: true };

    /// <summary>Whether a migration from here goes on when this side loses sight of it, though it is not peer-to-peer.</summary>
    public bool MigrationOutlivesClient => _hypervisor is { MigrationOutlivesClient: true };

    /// <summary>Whether another connection leads to the same host, which may be connected by several URIs.</summary>
    /// <param name="other">The other connection.</param>
    /// <returns>True when it does, as far as can be told without asking either.</returns>
    public bool IsSameHost(HostConnection other) =>
        Address == other.Address || (Host is { } here && other.Host is { } there &&
            string.Equals(here.Name, there.Name, StringComparison.OrdinalIgnoreCase) && here.Uuid == there.Uuid);

    /// <summary>Gives the open connection, opening or reopening it where that is needed.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The host.</returns>
    /// <exception cref="HypervisorException">The host can't be reached or does not let us in.</exception>
    public Task<IHypervisor> GetAsync(CancellationToken cancellationToken)
    {
        if (_hypervisor is { IsAlive: true } open)
        {
            return Task.FromResult(open);
        }

        Task<IHypervisor> opening;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_hypervisor is { IsAlive: true } opened)
            {
                return Task.FromResult(opened);
            }

            // All who ask meanwhile wait for one opening; one that is cancelled leaves it to the others.
            opening = _opening = _opening is { IsCompleted: false } ? _opening : ReopenAsync();
        }

        return opening.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Reads something from the host, once more on a new connection where the present one turns out to be dead.
    /// </summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">The reading, which must change nothing.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What was read.</returns>
    public async Task<T> ReadAsync<T>(Func<IHypervisor, Task<T>> read, CancellationToken cancellationToken)
    {
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
        Task<IHypervisor>? opening;
        lock (_lock)
        {
            _closing.Cancel();
            opening = _opening;
        }

        if (opening is not null)
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (Interlocked.Exchange(ref _hypervisor, null) is { } hypervisor)
        {
            await hypervisor.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<IHypervisor> ReopenAsync()
    {
        var lost = _hypervisor;
        var opened = await OpenAsync().ConfigureAwait(false);
        _hypervisor = opened;
        if (lost is not null)
        {
            // Nobody need wait for its good-bye.
            _ = lost.DisposeAsync().AsTask();
        }

        return opened;
    }

    private async Task<IHypervisor> OpenAsync()
    {
        using var deadline = new CancellationTokenSource(HostDeadlines.Open, _time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, deadline.Token);
        try
        {
            return await _transport.OpenAsync(Address, _credential, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_closing.IsCancellationRequested)
        {
            throw new HostTimeoutException(Address, HostDeadlines.Open) { Host = Address };
        }
    }

    private sealed class Nowhere : ITransport
    {
        public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken) =>
            Task.FromException<IHypervisor>(new HypervisorException("the host is not known here"));
    }
}
