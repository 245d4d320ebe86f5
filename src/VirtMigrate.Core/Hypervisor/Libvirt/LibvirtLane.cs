using VirtMigrate.Hypervisor.Libvirt.Calls;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>One connection of libvirt's C API, for one call at a time, with what is kept for it.</summary>
/// <param name="connection">The connection, which goes with this object.</param>
/// <param name="address">The address that it was opened with.</param>
/// <param name="host">The host, as the VMs will name it.</param>
/// <param name="events">The host's events, which come over one of its connections.</param>
internal sealed class LibvirtLane(ConnectionHandle connection, HostAddress address, VmHost host, LibvirtEvents events) : ICallLane
{
    private volatile NativeCall? _call;

    /// <summary>The connection.</summary>
    public ConnectionHandle Connection => connection;

    /// <summary>The domains that were asked about.</summary>
    public LibvirtDomains Domains { get; } = new(connection, address);

    /// <summary>Reads VMs.</summary>
    public LibvirtVmReader Reader { get; } = new(connection, address, host);

    /// <inheritdoc/>
    public bool IsOpen
    {
        get
        {
            try
            {
                return !connection.IsClosed && NativeMethods.ConnectIsAlive(connection) == 1;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public void Enter(NativeCall call)
    {
        _call = call;
        events.Come(connection);
    }

    /// <summary>Gives a domain, for a call that somebody still waits for: what is changed late would be changed behind everybody's back.</summary>
    /// <param name="vm">The UUID.</param>
    /// <returns>The domain, which stays this connection's.</returns>
    /// <exception cref="VmNotFoundException">There is none.</exception>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public DomainHandle Domain(Guid vm)
    {
        var domain = Domains.Get(vm);
        _call?.ThrowIfAbandoned();
        return domain;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        events.Leave(connection);
        Domains.Dispose();
        connection.Dispose();
    }
}
