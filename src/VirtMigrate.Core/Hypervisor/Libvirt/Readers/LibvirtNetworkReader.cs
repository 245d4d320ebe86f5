using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

/// <summary>Reads a host's virtual networks: two calls, and one for each network.</summary>
/// <param name="connection">The connection.</param>
/// <param name="address">The address that it was opened with.</param>
internal sealed unsafe class LibvirtNetworkReader(ConnectionHandle connection, HostAddress address)
{
    private const uint Active = 1 << 1;

    /// <summary>Reads all networks.</summary>
    /// <returns>The networks.</returns>
    public IReadOnlyList<HostNetwork> Read()
    {
        using var started = List(Active);
        HashSet<string> active = new(started.Select(Name), StringComparer.Ordinal);
        using var networks = List(0);
        return [.. networks.Ask(n => Read(n, active)).OfType<HostNetwork>()];
    }

    private LibvirtList List(uint flags) =>
        LibvirtList.Of(NativeMethods.ConnectListAllNetworks, connection, flags, NativeMethods.NetworkFree, address);

    private HostNetwork? Read(nint network, HashSet<string> active) =>
        LibvirtList.TakeUnlessGone(NativeMethods.NetworkGetXmlDesc(network, 0), address) is { } description
            ? HostNetwork.Read(LibvirtXml.Parse(description), active.Contains(Name(network)))
            : null;

    private static string Name(nint network) => Marshal.PtrToStringUTF8(NativeMethods.NetworkGetName(network)) ?? string.Empty;
}
