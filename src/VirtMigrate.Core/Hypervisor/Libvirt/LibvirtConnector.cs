using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Opens libvirt connections that notice a dead host.</summary>
internal static class LibvirtConnector
{
    // Five probes, five seconds apart: a dead host is noticed within half a minute, as with virsh.
    private const int KeepAliveSeconds = 5;
    private const uint KeepAliveProbes = 5;

    /// <summary>Opens a connection. Blocks for as long as name look-ups, ssh and TCP do.</summary>
    /// <param name="address">The host.</param>
    /// <param name="credential">What to answer when the host asks who is there.</param>
    /// <returns>The open connection.</returns>
    public static ConnectionHandle Open(HostAddress address, HostCredential? credential)
    {
        LibvirtLibrary.EnsureStarted();
        var connection = LibvirtAuthentication.Open(address.ConnectUri, credential);
        if (connection.IsInvalid)
        {
            var exception = LibvirtErrors.LastOpenException(address);
            connection.Dispose();
            throw exception;
        }

        // Drivers in this process, such as test:///, have no connection to keep alive and say so.
        _ = NativeMethods.ConnectSetKeepAlive(connection, KeepAliveSeconds, KeepAliveProbes);
        return connection;
    }
}
