using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>The functions of virtual networks, of the host's interfaces and of its devices. Names are kept with the pointers.</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, EntryPoint = "virConnectListAllNetworks")]
    internal static partial int ConnectListAllNetworks(ConnectionHandle connection, out nint* networks, uint flags);

    [LibraryImport(Library, EntryPoint = "virNetworkGetName")]
    internal static partial nint NetworkGetName(nint network);

    [LibraryImport(Library, EntryPoint = "virNetworkGetXMLDesc")]
    internal static partial byte* NetworkGetXmlDesc(nint network, uint flags);

    [LibraryImport(Library, EntryPoint = "virNetworkFree")]
    internal static partial int NetworkFree(nint network);

    [LibraryImport(Library, EntryPoint = "virConnectListAllInterfaces")]
    internal static partial int ConnectListAllInterfaces(ConnectionHandle connection, out nint* interfaces, uint flags);

    [LibraryImport(Library, EntryPoint = "virInterfaceGetName")]
    internal static partial nint InterfaceGetName(nint networkInterface);

    [LibraryImport(Library, EntryPoint = "virInterfaceGetXMLDesc")]
    internal static partial byte* InterfaceGetXmlDesc(nint networkInterface, uint flags);

    [LibraryImport(Library, EntryPoint = "virInterfaceFree")]
    internal static partial int InterfaceFree(nint networkInterface);

    [LibraryImport(Library, EntryPoint = "virConnectListAllNodeDevices")]
    internal static partial int ConnectListAllNodeDevices(ConnectionHandle connection, out nint* devices, uint flags);

    [LibraryImport(Library, EntryPoint = "virNodeDeviceGetName")]
    internal static partial nint NodeDeviceGetName(nint device);

    [LibraryImport(Library, EntryPoint = "virNodeDeviceGetXMLDesc")]
    internal static partial byte* NodeDeviceGetXmlDesc(nint device, uint flags);

    [LibraryImport(Library, EntryPoint = "virNodeDeviceFree")]
    internal static partial int NodeDeviceFree(nint device);
}
