using System.Runtime.InteropServices;

namespace VirtMigrate.Libvirt.Native;

/// <summary>Libvirt's C API as it is, one method a function.</summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "libvirt.so.0";

    [LibraryImport(Library, EntryPoint = "virInitialize")]
    internal static partial int Initialize();

    [LibraryImport(Library, EntryPoint = "virGetLastError")]
    internal static partial NativeError* GetLastError();

    [LibraryImport(Library, EntryPoint = "virSetErrorFunc")]
    internal static partial void SetErrorFunc(nint data, delegate* unmanaged<nint, nint, void> handler);

    [LibraryImport(Library, EntryPoint = "virEventRegisterDefaultImpl")]
    internal static partial int EventRegisterDefaultImpl();

    [LibraryImport(Library, EntryPoint = "virEventRunDefaultImpl")]
    internal static partial int EventRunDefaultImpl();

    [LibraryImport(Library, EntryPoint = "virTypedParamsFree")]
    internal static partial void TypedParamsFree(NativeTypedParameter* parameters, int count);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddInt", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TypedParamsAddInt(ref NativeTypedParameter* parameters, ref int count, ref int capacity, string name, int value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddULLong", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TypedParamsAddULLong(
        ref NativeTypedParameter* parameters, ref int count, ref int capacity, string name, ulong value);

    [LibraryImport(Library, EntryPoint = "virTypedParamsAddString", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int TypedParamsAddString(
        ref NativeTypedParameter* parameters, ref int count, ref int capacity, string name, string value);

    // A connection and its host.
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

    // Domains.
    [LibraryImport(Library, EntryPoint = "virDomainLookupByName", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial DomainHandle DomainLookupByName(ConnectionHandle connection, string name);

    [LibraryImport(Library, EntryPoint = "virDomainLookupByUUID")]
    internal static partial DomainHandle DomainLookupByUuid(ConnectionHandle connection, byte* uuid);

    [LibraryImport(Library, EntryPoint = "virDomainRef")]
    internal static partial int DomainRef(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainFree")]
    internal static partial int DomainFree(nint domain);

    // The library keeps name, UUID and id with the pointer: these three ask no host.
    [LibraryImport(Library, EntryPoint = "virDomainGetName")]
    internal static partial nint DomainGetName(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetUUID")]
    internal static partial int DomainGetUuid(nint domain, byte* uuid);

    [LibraryImport(Library, EntryPoint = "virDomainGetID")]
    internal static partial uint DomainGetId(nint domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetInfo")]
    internal static partial int DomainGetInfo(nint domain, out NativeDomainInfo info);

    [LibraryImport(Library, EntryPoint = "virDomainGetState")]
    internal static partial int DomainGetState(DomainHandle domain, out int state, out int reason, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainIsPersistent")]
    internal static partial int DomainIsPersistent(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetAutostart")]
    internal static partial int DomainGetAutostart(DomainHandle domain, out int autostart);

    [LibraryImport(Library, EntryPoint = "virDomainSetAutostart")]
    internal static partial int DomainSetAutostart(DomainHandle domain, int autostart);

    [LibraryImport(Library, EntryPoint = "virDomainGetControlInfo")]
    internal static partial int DomainGetControlInfo(DomainHandle domain, out NativeControlInfo info, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetJobStats")]
    internal static partial int DomainGetJobStats(
        DomainHandle domain, out int type, out NativeTypedParameter* parameters, out int count, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetBlockJobInfo", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DomainGetBlockJobInfo(DomainHandle domain, string disk, out NativeBlockJobInfo info, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainSnapshotNum")]
    internal static partial int DomainSnapshotNum(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainStartDirtyRateCalc")]
    internal static partial int DomainStartDirtyRateCalc(DomainHandle domain, int seconds, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainListGetStats")]
    internal static partial int DomainListGetStats(nint* domains, uint groups, out NativeStatisticsRecord** records, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainAbortJob")]
    internal static partial int DomainAbortJob(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainAbortJobFlags")]
    internal static partial int DomainAbortJobFlags(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainSuspend")]
    internal static partial int DomainSuspend(DomainHandle domain);

    [LibraryImport(Library, EntryPoint = "virDomainGetXMLDesc")]
    internal static partial byte* DomainGetXmlDesc(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainGetXMLDesc")]
    internal static partial byte* DomainGetXmlDesc(nint domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateStartPostCopy")]
    internal static partial int DomainMigrateStartPostCopy(DomainHandle domain, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateSetCompressionCache")]
    internal static partial int DomainMigrateSetCompressionCache(DomainHandle domain, ulong bytes, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateGetMaxDowntime")]
    internal static partial int DomainMigrateGetMaxDowntime(DomainHandle domain, out ulong milliseconds, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateSetMaxDowntime")]
    internal static partial int DomainMigrateSetMaxDowntime(DomainHandle domain, ulong milliseconds, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateSetMaxSpeed")]
    internal static partial int DomainMigrateSetMaxSpeed(DomainHandle domain, CULong mebibytesPerSecond, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrate3")]
    internal static partial DomainHandle DomainMigrate3(
        DomainHandle domain, ConnectionHandle destination, NativeTypedParameter* parameters, uint count, uint flags);

    [LibraryImport(Library, EntryPoint = "virDomainMigrateToURI3", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int DomainMigrateToUri3(
        DomainHandle domain, string destination, NativeTypedParameter* parameters, uint count, uint flags);

    // Virtual networks, the host's interfaces and its devices. Names are kept with the pointers.
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

    // Storage pools, volumes and secrets. Names, keys and UUIDs are kept with the pointers.
    [LibraryImport(Library, EntryPoint = "virConnectListAllStoragePools")]
    internal static partial int ConnectListAllStoragePools(ConnectionHandle connection, out nint* pools, uint flags);

    [LibraryImport(Library, EntryPoint = "virStoragePoolLookupByName", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial StoragePoolHandle StoragePoolLookupByName(ConnectionHandle connection, string name);

    [LibraryImport(Library, EntryPoint = "virStoragePoolLookupByVolume")]
    internal static partial StoragePoolHandle StoragePoolLookupByVolume(StorageVolumeHandle volume);

    [LibraryImport(Library, EntryPoint = "virStoragePoolGetName")]
    internal static partial nint StoragePoolGetName(nint pool);

    [LibraryImport(Library, EntryPoint = "virStoragePoolGetName")]
    internal static partial nint StoragePoolGetName(StoragePoolHandle pool);

    [LibraryImport(Library, EntryPoint = "virStoragePoolGetXMLDesc")]
    internal static partial byte* StoragePoolGetXmlDesc(nint pool, uint flags);

    [LibraryImport(Library, EntryPoint = "virStoragePoolRefresh")]
    internal static partial int StoragePoolRefresh(StoragePoolHandle pool, uint flags);

    [LibraryImport(Library, EntryPoint = "virStoragePoolListAllVolumes")]
    internal static partial int StoragePoolListAllVolumes(StoragePoolHandle pool, out nint* volumes, uint flags);

    [LibraryImport(Library, EntryPoint = "virStoragePoolFree")]
    internal static partial int StoragePoolFree(nint pool);

    [LibraryImport(Library, EntryPoint = "virStorageVolLookupByPath", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial StorageVolumeHandle StorageVolumeLookupByPath(ConnectionHandle connection, string path);

    [LibraryImport(Library, EntryPoint = "virStorageVolGetXMLDesc")]
    internal static partial byte* StorageVolumeGetXmlDesc(StorageVolumeHandle volume, uint flags);

    [LibraryImport(Library, EntryPoint = "virStorageVolGetXMLDesc")]
    internal static partial byte* StorageVolumeGetXmlDesc(nint volume, uint flags);

    [LibraryImport(Library, EntryPoint = "virStorageVolGetKey")]
    internal static partial nint StorageVolumeGetKey(nint volume);

    [LibraryImport(Library, EntryPoint = "virStorageVolGetPath")]
    internal static partial byte* StorageVolumeGetPath(nint volume);

    [LibraryImport(Library, EntryPoint = "virStorageVolFree")]
    internal static partial int StorageVolumeFree(nint volume);

    [LibraryImport(Library, EntryPoint = "virConnectListAllSecrets")]
    internal static partial int ConnectListAllSecrets(ConnectionHandle connection, out nint* secrets, uint flags);

    [LibraryImport(Library, EntryPoint = "virSecretGetUUID")]
    internal static partial int SecretGetUuid(nint secret, byte* uuid);

    [LibraryImport(Library, EntryPoint = "virSecretFree")]
    internal static partial int SecretFree(nint secret);
}
