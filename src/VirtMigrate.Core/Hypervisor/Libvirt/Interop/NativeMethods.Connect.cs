using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>The functions of a connection and its host.</summary>
internal static unsafe partial class NativeMethods
{
    [LibraryImport(Library, EntryPoint = "virConnectOpenAuth", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial ConnectionHandle ConnectOpenAuth(string name, NativeAuthentication* authentication, uint flags);

    [LibraryImport(Library, EntryPoint = "virConnectClose")]
    internal static partial int ConnectClose(nint connection);

    [LibraryImport(Library, EntryPoint = "virConnectSetKeepAlive")]
    internal static partial int ConnectSetKeepAlive(ConnectionHandle connection, int interval, uint count);

    [LibraryImport(Library, EntryPoint = "virConnectIsAlive")]
    internal static partial int ConnectIsAlive(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectIsEncrypted")]
    internal static partial int ConnectIsEncrypted(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectGetType")]
    internal static partial nint ConnectGetType(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectGetVersion")]
    internal static partial int ConnectGetVersion(ConnectionHandle connection, out CULong version);

    [LibraryImport(Library, EntryPoint = "virConnectGetLibVersion")]
    internal static partial int ConnectGetLibVersion(ConnectionHandle connection, out CULong version);

    [LibraryImport(Library, EntryPoint = "virConnectGetHostname")]
    internal static partial byte* ConnectGetHostname(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectGetCapabilities")]
    internal static partial byte* ConnectGetCapabilities(ConnectionHandle connection);

    [LibraryImport(Library, EntryPoint = "virConnectGetDomainCapabilities", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial byte* ConnectGetDomainCapabilities(
        ConnectionHandle connection, string? emulator, string? architecture, string? machine, string? domainType, uint flags);

    [LibraryImport(Library, EntryPoint = "virConnectCompareHypervisorCPU", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ConnectCompareHypervisorCpu(
        ConnectionHandle connection, string? emulator, string? architecture, string? machine, string? domainType, string cpu, uint flags);

    [LibraryImport(Library, EntryPoint = "virNodeGetInfo")]
    internal static partial int NodeGetInfo(ConnectionHandle connection, out NativeNodeInfo info);

    [LibraryImport(Library, EntryPoint = "virNodeGetMemoryStats")]
    internal static partial int NodeGetMemoryStats(
        ConnectionHandle connection, int cell, NativeMemoryStatistic* statistics, ref int count, uint flags);

    [LibraryImport(Library, EntryPoint = "virNodeGetFreePages")]
    internal static partial int NodeGetFreePages(
        ConnectionHandle connection, uint sizeCount, uint* kibibytes, int firstCell, uint cellCount, ulong* counts, uint flags);

    [LibraryImport(Library, EntryPoint = "virConnectListAllDomains")]
    internal static partial int ConnectListAllDomains(ConnectionHandle connection, out nint* domains, uint flags);

    [LibraryImport(Library, EntryPoint = "virConnectGetAllDomainStats")]
    internal static partial int ConnectGetAllDomainStats(
        ConnectionHandle connection, uint groups, out NativeStatisticsRecord** records, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainStatsRecordListFree")]
    internal static partial void DomainStatsRecordListFree(NativeStatisticsRecord** records);

    [LibraryImport(Library, EntryPoint = "virConnectDomainEventRegisterAny")]
    internal static partial int ConnectDomainEventRegisterAny(
        ConnectionHandle connection, nint domain, int eventId, nint callback, nint data, delegate* unmanaged<nint, void> free);

    [LibraryImport(Library, EntryPoint = "virConnectDomainEventDeregisterAny")]
    internal static partial int ConnectDomainEventDeregisterAny(ConnectionHandle connection, int callbackId);
}
