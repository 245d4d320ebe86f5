using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Readiness.Storage;

/// <summary>Where the volumes of storage pools are, for disks that name a pool and a volume (type='volume').</summary>
internal static class DiskLocation
{
    private static readonly string[] NetworkPools = ["rbd", "sheepdog", "gluster", "iscsi-direct"];
    private static readonly string[] BlockPools = ["logical", "disk", "iscsi", "scsi", "mpath", "zfs"];

    // Their volumes are named by unit or map, and lie under paths of other names.
    private static readonly string[] NamedByAddress = ["iscsi", "scsi", "mpath"];

    /// <summary>Turns a source into what libvirt makes of it: a volume becomes the file, block device or network image that it is.</summary>
    /// <param name="source">The source.</param>
    /// <param name="pools">The host's pools.</param>
    /// <returns>The source; itself where it is no volume, or of a pool that the host does not have.</returns>
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
    /// <param name="source">The source.</param>
    /// <param name="pools">The host's pools.</param>
    /// <returns>The source.</returns>
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
}
