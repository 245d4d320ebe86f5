using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

/// <summary>
/// Reads a host's network interfaces: two calls, and one for each interface. The guests' own are left out, so that it costs no more
/// on a host with many guests.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="address">The address that it was opened with.</param>
internal sealed unsafe class LibvirtInterfaceReader(ConnectionHandle connection, HostAddress address)
{
    private const uint NetworkDevices = 1 << 4;

    /// <summary>Reads all interfaces.</summary>
    /// <returns>The interfaces, by name.</returns>
    /// <exception cref="HypervisorNotSupportedException">The host can list none.</exception>
    public IReadOnlyList<HostInterface> Read()
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
