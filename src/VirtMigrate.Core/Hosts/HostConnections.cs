using System.Diagnostics.CodeAnalysis;

namespace VirtMigrate.Hosts;

/// <summary>The hosts that one session is connected to, one connection a URI.</summary>
/// <param name="transports">The way to hosts of a kind; asked with null where none is chosen.</param>
internal sealed class HostConnections(Func<HostTransport?, ITransport> transports) : IAsyncDisposable
{
    private readonly object _lock = new();
    private readonly List<HostConnection> _connections = [];

    /// <summary>The connections in the order in which they were made, leaving out those that never opened.</summary>
    public IReadOnlyList<HostConnection> Opened
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections.Where(c => c.Host is not null)];
            }
        }
    }

    /// <summary>Gives the connection to an address, a new one where the session has none.</summary>
    /// <param name="address">The address.</param>
    /// <returns>The connection, open or not.</returns>
    public HostConnection Get(HostAddress address)
    {
        lock (_lock)
        {
            if (FindByAddress(address) is { } known)
            {
                return known;
            }

            var connection = new HostConnection(transports(null), address);
            _connections.Add(connection);
            return connection;
        }
    }

    /// <summary>
    /// Finds the connection that a text names: the name of a connected host, else an address.
    /// </summary>
    /// <param name="text">A connected host's name, a libvirt URI or a bare host.</param>
    /// <returns>The connection, open or not.</returns>
    /// <exception cref="HypervisorException">The text names no host.</exception>
    public HostConnection Get(string text) => FindByName(text) ?? Get(HostAddresses.Parse(text));

    /// <summary>Opens a host again, with a credential, and keeps it in place of an older connection to the same address.</summary>
    /// <param name="address">The host.</param>
    /// <param name="credential">The user name and password for a host that asks for them.</param>
    /// <param name="chosen">The way to the host; null to leave that open.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The open connection.</returns>
    [SuppressMessage("Reliability", "CA2000", Justification = "The connection is kept, or disposed when it does not open.")]
    public async Task<HostConnection> OpenAsync(HostAddress address, HostCredential? credential, HostTransport? chosen, CancellationToken cancellationToken)
    {
        var older = Find(address);
        if (older is not null && !IsReplaced(older, credential, chosen))
        {
            await older.GetAsync(cancellationToken).ConfigureAwait(false);
            return older;
        }

        var connection = new HostConnection(transports(chosen), address, credential);
        try
        {
            await connection.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        lock (_lock)
        {
            _connections.RemoveAll(c => ReferenceEquals(c, older));
            _connections.Add(connection);
        }

        if (older is not null)
        {
            await older.DisposeAsync().ConfigureAwait(false);
        }

        return connection;
    }

    /// <summary>Finds the connection that opening a host in a certain way would put an end to.</summary>
    /// <param name="address">The host.</param>
    /// <param name="credential">The user name and password for a host that asks for them.</param>
    /// <param name="chosen">The way to the host; null to leave that open.</param>
    /// <returns>The connection; null where none would end.</returns>
    public HostConnection? FindReplaced(HostAddress address, HostCredential? credential, HostTransport? chosen) =>
        Find(address) is { } older && IsReplaced(older, credential, chosen) ? older : null;

    /// <summary>Finds a connected host by its own name.</summary>
    /// <param name="name">The name, in any case.</param>
    /// <returns>The connection, or null where no connected host has that name.</returns>
    public HostConnection? FindByName(string name) =>
        Opened.FirstOrDefault(c => string.Equals(c.Host?.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Closes a connection and forgets it.</summary>
    /// <param name="connection">The connection.</param>
    /// <returns>A task that ends when it is closed.</returns>
    public async Task CloseAsync(HostConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Closes every connection.</summary>
    /// <returns>A task that ends when all are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        HostConnection[] all;
        lock (_lock)
        {
            all = [.. _connections];
            _connections.Clear();
        }

        foreach (var connection in all)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static bool IsReplaced(HostConnection older, HostCredential? credential, HostTransport? chosen) =>
        credential is not null || (chosen is { } way && !string.Equals(older.Host?.Transport, way.ToString(), StringComparison.Ordinal));

    private HostConnection? Find(HostAddress address)
    {
        lock (_lock)
        {
            return FindByAddress(address);
        }
    }

    private HostConnection? FindByAddress(HostAddress address) => _connections.FirstOrDefault(c => c.Address == address);
}

/// <summary>The hosts that users name, and those that the environment names for them.</summary>
internal static class HostAddresses
{
    private const string SourceVariable = "LIBVIRT_DEFAULT_URI";
    private const string DestinationVariable = "VIRTMIGRATE_DESTINATION";
    private const string LocalSystem = "qemu:///system";

    /// <summary>The host to look for without being told another: LIBVIRT_DEFAULT_URI, else <c>qemu:///system</c>, as virsh has it.</summary>
    /// <exception cref="HypervisorException">The variable names no host.</exception>
    public static HostAddress DefaultSource => FromVariable(SourceVariable) ?? HostAddress.Parse(LocalSystem);

    /// <summary>The destination that the environment names (VIRTMIGRATE_DESTINATION); null where it names none.</summary>
    /// <exception cref="HypervisorException">The variable names no host.</exception>
    public static HostAddress? DefaultDestination => FromVariable(DestinationVariable);

    /// <summary>Reads what a user names a host by.</summary>
    /// <param name="text">A libvirt URI or a bare host.</param>
    /// <returns>The address.</returns>
    /// <exception cref="HypervisorException">The text names no host.</exception>
    public static HostAddress Parse(string text) => HostAddress.TryParse(text) ?? throw HypervisorException.AddressInvalid(text.Trim());

    private static HostAddress? FromVariable(string name)
    {
        var value = Environment.GetEnvironmentVariable(name);
        return string.IsNullOrWhiteSpace(value) ? null : Parse(value);
    }
}
