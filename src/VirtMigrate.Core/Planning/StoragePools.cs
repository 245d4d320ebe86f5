using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Planning;

/// <summary>A host's storage pools, and where their volumes are, for disks that name a pool and a volume (type='volume').</summary>
internal static class StoragePools
{
    private static readonly string[] NetworkPools = ["rbd", "sheepdog", "gluster", "iscsi-direct"];
    private static readonly string[] BlockPools = ["logical", "disk", "iscsi", "scsi", "mpath", "zfs"];

    // Their volumes are named by unit or map, and lie under paths of other names.
    private static readonly string[] NamedByAddress = ["iscsi", "scsi", "mpath"];

    /// <summary>Finds the active pool whose directory a path is in, as libvirt does to make a missing image (virStoragePoolLookupByTargetPath).</summary>
    /// <returns>The pool; null where there is none.</returns>
    public static StoragePool? Find(IEnumerable<StoragePool> pools, string path)
    {
        var directory = Path.GetDirectoryName(Plain(path));
        return pools.FirstOrDefault(p => p.IsActive && p.TargetPath is { } target &&
            string.Equals(Path.TrimEndingDirectorySeparator(target), directory, StringComparison.Ordinal));
    }

    /// <summary>Lists a host's pools, none where it can have none: it may still have a shell.</summary>
    public static async Task<IReadOnlyList<StoragePool>> ListAsync(HostFacts host)
    {
        try
        {
            return await host.ListStoragePoolsAsync().ConfigureAwait(false);
        }
        catch (HypervisorNotSupportedException)
        {
            return [];
        }
    }

    /// <summary>Turns a source into what libvirt makes of it: a volume becomes the file, block device or network image that it is.</summary>
    public static DiskSource Resolve(DiskSource source, IEnumerable<StoragePool> pools)
    {
        if (source.Type is not "volume" ||
            pools.FirstOrDefault(p => string.Equals(p.Name, source.Pool, StringComparison.Ordinal)) is not { } pool)
        {
            return source;
        }

        return NetworkPools.Contains(pool.Type, StringComparer.Ordinal) ? source with { Type = "network" }
            : pool.TargetPath is null ? source
            : source with
            {
                Type = BlockPools.Contains(pool.Type, StringComparer.Ordinal) ? "block" : "file",
                Path = $"{Path.TrimEndingDirectorySeparator(pool.TargetPath)}/{source.Volume}",
            };
    }

    /// <summary>
    /// Does the same where an error would cost data: a volume whose path does not follow from its name stays a volume, with its pool's source
    /// as its host, and an image of Ceph gets the name that every host knows it by.
    /// </summary>
    public static DiskSource ResolveCopied(DiskSource source, IEnumerable<StoragePool> pools)
    {
        if (source.Type is not "volume" || pools.FirstOrDefault(p => string.Equals(p.Name, source.Pool, StringComparison.Ordinal)) is not { } pool)
        {
            return source;
        }

        // hosts:pool, as StoragePool has it.
        if (pool.Type is "rbd" && pool.Source?.Split(':') is [var hosts, var name])
        {
            return source with { Type = "network", Name = $"rbd {name}/{source.Volume}", Hosts = hosts.Split(',') };
        }

        return NetworkPools.Contains(pool.Type, StringComparer.Ordinal) || NamedByAddress.Contains(pool.Type, StringComparer.Ordinal)
            ? source with { Hosts = pool.Source is { } from ? [from] : [] }
            : Resolve(source, [pool]);
    }

    // Libvirt keeps a path as it was written, and lists it without detours.
    public static string Plain(string path) => Path.IsPathRooted(path) ? Path.GetFullPath(path) : path;
}
