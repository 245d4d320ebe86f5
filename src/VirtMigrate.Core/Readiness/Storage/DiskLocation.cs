using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Readiness.Storage;

/// <summary>Where the volumes of storage pools are, for disks that name a pool and a volume (type='volume').</summary>
internal static class DiskLocation
{
    private static readonly string[] NetworkPools = ["rbd", "sheepdog", "gluster", "iscsi-direct"];
    private static readonly string[] BlockPools = ["logical", "disk", "iscsi", "scsi", "mpath", "zfs"];

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
}
