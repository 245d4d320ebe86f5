using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Xml;

namespace VirtMigrate.Libvirt;

/// <summary>
/// Reads a host's storage: its pools in two calls and one for each; a pool's volumes in two (three when it is looked at again),
/// where the volumes' keys are their paths; a volume in three.
/// </summary>
internal sealed unsafe class LibvirtStorageReader(ConnectionHandle connection, HostAddress address)
{
    private const uint Active = 1 << 1;

    /// <summary>Reads all pools.</summary>
    public IReadOnlyList<StoragePool> ReadPools()
    {
        using var started = ListPools(Active);
        HashSet<string> active = new(started.Select(PoolName), StringComparer.Ordinal);
        using var pools = ListPools(0);
        return [.. pools.Ask(p => ReadPool(p, active)).OfType<StoragePool>()];
    }

    /// <summary>Lists the paths of a pool's volumes.</summary>
    public IReadOnlySet<string> ListVolumePaths(string name, bool refresh)
    {
        using var pool = NativeMethods.StoragePoolLookupByName(connection, name);
        if (pool.IsInvalid || (refresh && NativeMethods.StoragePoolRefresh(pool, 0) < 0))
        {
            throw LibvirtErrors.LastException(address);
        }

        using var volumes = LibvirtList.Of(NativeMethods.StoragePoolListAllVolumes, pool, 0, NativeMethods.StorageVolumeFree, address);
        var keys = volumes.Select(v => (Volume: v, Key: Marshal.PtrToStringUTF8(NativeMethods.StorageVolumeGetKey(v)) ?? string.Empty));

        // A key is either the path or a serial number; it comes with the list, while a path has to be asked for.
        HashSet<string> paths = new(keys.Where(k => k.Key.StartsWith('/')).Select(k => k.Key), StringComparer.Ordinal);
        paths.UnionWith(LibvirtList.Ask([.. keys.Where(k => !k.Key.StartsWith('/')).Select(k => k.Volume)], ReadPath).OfType<string>());
        return paths;
    }

    /// <summary>Finds a volume.</summary>
    public StorageVolume? Find(string path)
    {
        using var volume = NativeMethods.StorageVolumeLookupByPath(connection, path);
        using var pool = volume.IsInvalid ? null : NativeMethods.StoragePoolLookupByVolume(volume);
        if (pool is null or { IsInvalid: true })
        {
            return NullIfGone();
        }

        var name = Marshal.PtrToStringUTF8(NativeMethods.StoragePoolGetName(pool)) ?? string.Empty;
        return LibvirtList.TakeUnlessGone(NativeMethods.StorageVolumeGetXmlDesc(volume, 0), address) is { } description
            ? StorageVolume.Read(path, name, LibvirtXml.Parse(description))
            : null;
    }

    /// <summary>Reads a pool's volumes, as the pool knows them.</summary>
    public IReadOnlyList<StorageVolume> ReadVolumes(string name)
    {
        using var pool = NativeMethods.StoragePoolLookupByName(connection, name);
        if (pool.IsInvalid)
        {
            throw LibvirtErrors.LastException(address);
        }

        using var volumes = LibvirtList.Of(NativeMethods.StoragePoolListAllVolumes, pool, 0, NativeMethods.StorageVolumeFree, address);
        return [.. volumes.Ask(v => LibvirtList.TakeUnlessGone(NativeMethods.StorageVolumeGetXmlDesc(v, 0), address) is { } description
            ? StorageVolume.Read(null, name, LibvirtXml.Parse(description))
            : null).OfType<StorageVolume>()];
    }

    private StorageVolume? NullIfGone()
    {
        var error = LibvirtErrors.Last();
        return error.Code is LibvirtErrorCode.NoStorageVolume or LibvirtErrorCode.NoStoragePool ? null : throw HypervisorErrors.Classify(error, address);
    }

    private LibvirtList ListPools(uint flags) =>
        LibvirtList.Of(NativeMethods.ConnectListAllStoragePools, connection, flags, NativeMethods.StoragePoolFree, address);

    private StoragePool? ReadPool(nint pool, HashSet<string> active) =>
        LibvirtList.TakeUnlessGone(NativeMethods.StoragePoolGetXmlDesc(pool, 0), address) is { } description
            ? StoragePool.Read(LibvirtXml.Parse(description), active.Contains(PoolName(pool)))
            : null;

    private string? ReadPath(nint volume) => LibvirtList.TakeUnlessGone(NativeMethods.StorageVolumeGetPath(volume), address);

    private static string PoolName(nint pool) => Marshal.PtrToStringUTF8(NativeMethods.StoragePoolGetName(pool)) ?? string.Empty;
}
