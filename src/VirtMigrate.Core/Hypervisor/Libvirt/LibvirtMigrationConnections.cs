using System.Collections.Concurrent;
using VirtMigrate.Hypervisor.Libvirt.Calls;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>
/// Connections to one host that are used by one migration at a time and kept for the next.
/// </summary>
/// <remarks>
/// A connection carries calls of several threads, but one of those that wait reads for all the others and has to be woken
/// for each new call. Libvirt 9.0 was seen to miss that, so that a look at a migration waited for the migration's end. With
/// the long call on a connection of its own, neither a look nor an abort can wait behind it.
/// </remarks>
/// <param name="address">The host.</param>
/// <param name="credential">What to answer when the host asks who is there.</param>
internal sealed class LibvirtMigrationConnections(HostAddress address, HostCredential? credential) : IDisposable
{
    private readonly ConcurrentBag<ConnectionHandle> _idle = [];
    private volatile bool _isDisposed;

    /// <summary>Gives a connection that nobody else uses. Blocks while a new one opens.</summary>
    /// <returns>The connection, which comes back when the lease is disposed.</returns>
    public Lease Rent()
    {
        while (_idle.TryTake(out var idle))
        {
            if (NativeMethods.ConnectIsAlive(idle) == 1)
            {
                return new(this, idle);
            }

            Close(idle);
        }

        return new(this, LibvirtConnector.Open(address, credential));
    }

    /// <summary>Closes the idle connections; those in use are closed when they come back.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var idle))
        {
            Close(idle);
        }
    }

    // Closing says good-bye to the host, and nobody waits for one that does not answer.
    private void Close(ConnectionHandle connection) => NativeCall.Start(
        address,
        _ =>
        {
            connection.Dispose();
            return true;
        },
        HostDeadlines.Close,
        TimeProvider.System,
        isBounded: false);

    private void Return(ConnectionHandle connection)
    {
        if (_isDisposed)
        {
            Close(connection);
        }
        else
        {
            _idle.Add(connection);
        }
    }

    /// <summary>The use of one connection.</summary>
    /// <param name="owner">Where it comes from.</param>
    /// <param name="connection">The connection.</param>
    internal sealed class Lease(LibvirtMigrationConnections owner, ConnectionHandle connection) : IDisposable
    {
        /// <summary>The connection.</summary>
        public ConnectionHandle Connection => connection;

        /// <summary>Gives the connection back.</summary>
        public void Dispose() => owner.Return(connection);
    }
}
