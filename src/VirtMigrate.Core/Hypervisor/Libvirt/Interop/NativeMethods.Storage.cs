using System.Runtime.InteropServices;

namespace VirtMigrate.Hypervisor.Libvirt.Interop;

/// <summary>The functions of storage pools, volumes and secrets. Names, keys and UUIDs are kept with the pointers.</summary>
internal static unsafe partial class NativeMethods
{
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
