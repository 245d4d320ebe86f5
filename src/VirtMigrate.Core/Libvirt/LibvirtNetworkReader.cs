using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Xml;

namespace VirtMigrate.Libvirt;

/// <summary>
/// Reads a host's virtual networks and network interfaces: two calls, and one for each network or interface. The guests' own interfaces
/// are left out, so that it costs no more on a host with many guests.
/// </summary>
internal sealed unsafe class LibvirtNetworkReader(ConnectionHandle connection, HostAddress address)
{
    private const uint Active = 1 << 1;
    private const uint NetworkDevices = 1 << 4;

    public IReadOnlyList<HostNetwork> ListNetworks()
    {
        using var started = ListAll(Active);
        HashSet<string> active = new(started.Select(NetworkName), StringComparer.Ordinal);
        using var networks = ListAll(0);
        return [.. networks.Ask(n => ReadNetwork(n, active)).OfType<HostNetwork>()];
    }

    private LibvirtList ListAll(uint flags) =>
        LibvirtList.Of(NativeMethods.ConnectListAllNetworks, connection, flags, NativeMethods.NetworkFree, address);

    private HostNetwork? ReadNetwork(nint network, HashSet<string> active) =>
        LibvirtList.TakeUnlessGone(NativeMethods.NetworkGetXmlDesc(network, 0), address) is { } description
            ? HostNetwork.Read(LibvirtXml.Parse(description), active.Contains(NetworkName(network)))
            : null;

    private static string NetworkName(nint network) => Marshal.PtrToStringUTF8(NativeMethods.NetworkGetName(network)) ?? string.Empty;

    /// <summary>Lists all interfaces, by name.</summary>
    /// <exception cref="HypervisorNotSupportedException">The host can list none.</exception>
    public IReadOnlyList<HostInterface> ListInterfaces()
    {
        var interfaces = Try(ReadInterfaces, out var trouble);
        var devices = Try(() => ReadDevices(interfaces ?? []), out _);
        if (interfaces is null && devices is null)
        {
            throw trouble!;
        }

        return HostInterface.Merge(interfaces, devices);
    }

    private HostInterface[] ReadInterfaces()
    {
        using var list = LibvirtList.Of(
            NativeMethods.ConnectListAllInterfaces, connection, 0, NativeMethods.InterfaceFree, address);
        return [.. list.Ask(ReadInterface).OfType<HostInterface>()];
    }

    private HostInterface? ReadInterface(nint networkInterface)
    {
        var name = Marshal.PtrToStringUTF8(NativeMethods.InterfaceGetName(networkInterface)) ?? string.Empty;
        byte* description = NativeMethods.InterfaceGetXmlDesc(networkInterface, 0);
        if (description == null && LibvirtErrors.Last().Code is LibvirtErrorCode.InternalError or LibvirtErrorCode.SystemError)
        {
            // One whose details the driver can't read is there all the same.
            return new(name, null, null);
        }

        return LibvirtList.TakeUnlessGone(description, address) is { } text
            ? HostInterface.Read(name, LibvirtXml.Parse(text))
            : null;
    }

    private HostInterface[] ReadDevices(IReadOnlyCollection<HostInterface> known)
    {
        using var list = LibvirtList.Of(
            NativeMethods.ConnectListAllNodeDevices, connection, NetworkDevices, NativeMethods.NodeDeviceFree, address);
        return
        [
            .. LibvirtList.Ask([.. HostInterface.SelectUnknown(list.Select(d => d), DeviceName, known)], ReadDevice).OfType<HostInterface>(),
        ];
    }

    private HostInterface? ReadDevice(nint device) =>
        LibvirtList.TakeUnlessGone(NativeMethods.NodeDeviceGetXmlDesc(device, 0), address) is { } text
            ? HostInterface.ReadDevice(LibvirtXml.Parse(text))
            : null;

    private static string DeviceName(nint device) => Marshal.PtrToStringUTF8(NativeMethods.NodeDeviceGetName(device)) ?? string.Empty;

    // A modular daemon whose neighbour is not installed says so in its own way; only a lost connection is another matter.
    private HostInterface[]? Try(Func<HostInterface[]> read, out HypervisorException? trouble)
    {
        try
        {
            trouble = null;
            return read();
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException)
        {
            trouble = e is { Error: { } error } ? new HypervisorNotSupportedException(error, address) : e;
            return null;
        }
    }
}
