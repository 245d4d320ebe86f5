using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>What was found out about the storage of a disk that is not copied.</summary>
/// <param name="Disk">The disk.</param>
/// <param name="Verdict">What libvirt would make of it.</param>
/// <param name="Evidence">What was read.</param>
internal sealed record DiskSharing(DomainDisk Disk, SharingVerdict Verdict, IReadOnlyList<ReadinessEvidence> Evidence)
{
    private static readonly string[] DevicesOfNetworks = ["iscsi", "scsi", "mpath"];

    /// <summary>
    /// Finds out what libvirt would make of a disk's storage. Libvirt asks the source's kernel for the file system's type (virFileIsSharedFS);
    /// from elsewhere that shows in the source's pools, by a command on the source, or by what the destination has or lacks.
    /// </summary>
    public static async Task<DiskSharing> OfAsync(CheckContext context, DomainDisk disk, string? pathThere, CancellationToken cancellationToken)
    {
        var from = context.SourceName;
        var pools = await StoragePools.ListAsync(context.Source).ConfigureAwait(false);
        var source = StoragePools.Resolve(disk.Source!, pools);
        var pool = pools.FirstOrDefault(p => p.IsActive && source.Path is { } path && IsUnder(path, p.TargetPath));
        ReadinessEvidence[] evidence = [new(from, "domain XML", $"{disk.Target}: {source.Type} {source.Name}")];
        if (pool is not null)
        {
            evidence = [.. evidence, new(from, "storage pools", $"{source.Path} is in pool {pool.Name} of type {pool.Type}")];
        }

        return source.Type switch
        {
            "file" when pool?.Type is "netfs" => new(disk, SharingVerdict.Shared, evidence),
            "file" => await OfFileAsync(context, disk, (source.Path!, pathThere ?? source.Path!), evidence, cancellationToken).ConfigureAwait(false),
            "block" => new(disk, OfDevice(pool), evidence),
            "volume" => new(disk, SharingVerdict.Unknown, evidence),
            _ => new(disk, SharingVerdict.Shared, evidence),
        };
    }

    private static SharingVerdict OfDevice(StoragePool? pool) => pool?.Type switch
    {
        null => SharingVerdict.AnyDevice,
        { } type when DevicesOfNetworks.Contains(type, StringComparer.Ordinal) => SharingVerdict.Shared,
        _ => SharingVerdict.LocalDevice,
    };

    private static async Task<DiskSharing> OfFileAsync(
        CheckContext context, DomainDisk disk, (string Here, string There) path, ReadinessEvidence[] evidence, CancellationToken cancellationToken)
    {
        if (context.Source.Shell is { } shell && await FileSystemKind.OfAsync(shell, path.Here, cancellationToken).ConfigureAwait(false) is { } kind)
        {
            ReadinessEvidence[] seen = [.. evidence, new(context.SourceName, "stat --file-system", $"{path.Here} is on {kind.Name}")];
            var verdict = kind.IsShared ? SharingVerdict.Shared
                : await IsDeclaredSharedAsync(context, cancellationToken).ConfigureAwait(false) ? SharingVerdict.Unknown
                : SharingVerdict.Apart;
            return new(disk, verdict, seen);
        }

        return await OfImagesAsync(context, disk, path, evidence, cancellationToken).ConfigureAwait(false);
    }

    // Later versions of libvirt have a list of directories that they take for shared whatever they are on.
    private static async Task<bool> IsDeclaredSharedAsync(CheckContext context, CancellationToken cancellationToken) =>
        await context.Source.Shell!.RunAsync(["grep", "-qs", "^shared_filesystems", "/etc/libvirt/qemu.conf"], cancellationToken).ConfigureAwait(false)
            is { ExitCode: 0 };

    // An image that the destination lacks, or that is of another size there, is not the same image.
    private static async Task<DiskSharing> OfImagesAsync(
        CheckContext context, DomainDisk disk, (string Here, string There) path, ReadinessEvidence[] evidence, CancellationToken cancellationToken)
    {
        var sighting = (await DestinationImages.FindAsync(context, [path.There], cancellationToken).ConfigureAwait(false))[path.There];
        evidence = [.. evidence, new(context.DestinationName, sighting.What, sighting.Value)];
        if (sighting.Presence == ImagePresence.Missing)
        {
            return new(disk, SharingVerdict.Apart, evidence);
        }

        var here = (await context.Vm.InspectAsync().ConfigureAwait(false)).Images
            .FirstOrDefault(i => i.BackingIndex == 0 && string.Equals(i.Target, disk.Target, StringComparison.Ordinal))?.Capacity;
        var there = sighting.Pool is null ? null : (await context.Destination.FindVolumeAsync(path.There).ConfigureAwait(false))?.Capacity;
        return here is null || there is null || here == there
            ? new(disk, SharingVerdict.Unknown, evidence)
            : new(disk, SharingVerdict.Apart,
                [.. evidence, new(context.SourceName, "domstats", $"{here} bytes"), new(context.DestinationName, "virStorageVolGetInfo", $"{there} bytes")]);
    }

    private static bool IsUnder(string path, string? directory) => directory is not null &&
        path.StartsWith($"{Path.TrimEndingDirectorySeparator(directory)}/", StringComparison.Ordinal);
}

/// <summary>What libvirt would make of the storage of a disk that is not copied.</summary>
internal enum SharingVerdict
{
    /// <summary>It takes it for shared.</summary>
    Shared,

    /// <summary>A block device that is most likely the host's own; libvirt does not look.</summary>
    LocalDevice,

    /// <summary>A block device; libvirt does not look, and nobody tells whether both hosts have the same.</summary>
    AnyDevice,

    /// <summary>It can't be seen from here.</summary>
    Unknown,

    /// <summary>Not shared, so that libvirt refuses.</summary>
    Apart,
}

/// <summary>What libvirt takes for a shared file system, by the kernel's number for its type (virFileIsSharedFS).</summary>
/// <param name="Name">The file system's name.</param>
/// <param name="IsShared">Whether libvirt takes it for shared.</param>
/// <param name="IsCluster">Whether libvirt takes it for coherent between hosts, whatever the cache mode.</param>
internal sealed record FileSystemKind(string Name, bool IsShared, bool IsCluster)
{
    private const string Fuse = "65735546";

    private static readonly Dictionary<string, FileSystemKind> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["6969"] = new("nfs", true, false),
        ["7461636f"] = new("ocfs2", true, true),
        ["1161970"] = new("gfs2", true, true),
        ["6b414653"] = new("afs", true, false),
        ["517b"] = new("smb", true, false),
        ["ff534d42"] = new("cifs", true, false),
        ["c36400"] = new("ceph", true, true),
        ["47504653"] = new("gpfs", true, false),
        ["61636673"] = new("acfs", true, false),
    };

    private static readonly Dictionary<string, FileSystemKind> KnownFuse = new(StringComparer.Ordinal)
    {
        ["fuse.glusterfs"] = new("fuse.glusterfs", true, true),
        ["fuse.quobyte"] = new("fuse.quobyte", true, false),
    };

    /// <summary>Asks a host for the file system of a path.</summary>
    /// <returns>The file system; null where the host does not tell.</returns>
    public static async Task<FileSystemKind?> OfAsync(IHostShell shell, string path, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(["stat", "-f", "-L", "-c", "%t %T", "--", path], cancellationToken).ConfigureAwait(false);
        if (result is not { ExitCode: 0 } || result.Output.Trim().Split(' ', 2) is not [var number, var name])
        {
            return null;
        }

        if (!string.Equals(number, Fuse, StringComparison.OrdinalIgnoreCase))
        {
            return Known.GetValueOrDefault(number) ?? new(name, false, false);
        }

        var mount = await shell.RunAsync(["findmnt", "-n", "-o", "FSTYPE", "-T", path], cancellationToken).ConfigureAwait(false);
        return mount is { ExitCode: 0 } && mount.Output.Trim() is { Length: > 0 } type
            ? KnownFuse.GetValueOrDefault(type) ?? new(type, false, false)
            : null;
    }
}
