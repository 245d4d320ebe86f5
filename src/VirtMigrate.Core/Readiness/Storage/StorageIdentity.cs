using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>Whether what two hosts have under a name is one storage.</summary>
internal enum SameStorage
{
    /// <summary>It is not.</summary>
    Separate,

    /// <summary>It can't be told.</summary>
    Unknown,

    /// <summary>It is: what one host writes, the other reads.</summary>
    Same,
}

/// <summary>Something by which storage is known, wherever it is seen from.</summary>
/// <param name="Kind">What it is, such as <c>SCSI id</c>; only values of one kind can be compared.</param>
/// <param name="Value">Its value.</param>
internal sealed record StorageMark(string Kind, string Value)
{
    /// <summary>Within what a value is unique, such as a file system for an inode; null where nobody tells.</summary>
    public string? Scope { get; init; }

    /// <summary>What gave the value, such as the kind of file system; different values of two families may still be one storage.</summary>
    public string? Family { get; init; }

    /// <summary>Whether two different values are two storages. An address may have several names, a SCSI id has one.</summary>
    public bool IsDecisive { get; init; } = true;

    /// <summary>Kind and value.</summary>
    public override string ToString() => Scope is null ? $"{Kind} {Value}" : $"{Kind} {Value} of {Scope}";
}

/// <summary>
/// By what the storage under a name on a host is known. Sizes are none of it: they are alike on cloned hosts, and an image grows while it is
/// looked at.
/// </summary>
/// <param name="Marks">What it is known by; empty where nothing tells.</param>
internal sealed record StorageIdentity(IReadOnlyList<StorageMark> Marks)
{
    /// <summary>The kind of mark that is a file's number within its file system.</summary>
    public const string Inode = "inode";

    /// <summary>Nothing is known.</summary>
    public static readonly StorageIdentity Unknown = new([]);

    /// <summary>Whether it is on a file system that its host alone mounts, so that others reach it at most through a server on that host.</summary>
    public bool IsHostsOwn { get; init; }

    /// <summary>Compares what a disk is on its source with what it would be copied into.</summary>
    public SameStorage Compare(StorageIdentity target)
    {
        var pairs = Marks.Join(target.Marks, m => m.Kind, m => m.Kind, (here, there) => (Here: here, There: there), StringComparer.Ordinal)
            .Where(p => !IsHostsOwn || !target.IsHostsOwn || p.Here.Kind is not Inode).ToArray();
        if (pairs.Any(p => IsEqual(p.Here.Value, p.There.Value) && (p.Here.Scope is null || p.There.Scope is null || IsEqual(p.Here.Scope, p.There.Scope))))
        {
            return SameStorage.Same;
        }

        // One inode on file systems of two names may still be one file: a server has many names.
        return pairs.Any(p => !IsEqual(p.Here.Value, p.There.Value) && IsDecisive(p.Here, p.There)) || (IsHostsOwn && target.IsHostsOwn)
            ? SameStorage.Separate
            : SameStorage.Unknown;
    }

    /// <summary>Compares network disks by protocol, name and servers.</summary>
    public static SameStorage CompareNetwork(DiskSource here, DiskSource there)
    {
        var protocol = here.Name.Split(' ')[0];
        var isNamed = protocol is "rbd" or "iscsi" or "gluster" or "sheepdog" or "vxhs";
        var sharesServer = Servers(here).Intersect(Servers(there), StringComparer.OrdinalIgnoreCase).Any();
        if (!IsEqual(here.Name, there.Name))
        {
            // A name of the other protocols says nothing without its server, which may go by another name.
            return isNamed || sharesServer ? SameStorage.Separate : SameStorage.Unknown;
        }

        // The name of an iSCSI target is one in the world.
        return protocol is "iscsi" || sharesServer ? SameStorage.Same : SameStorage.Unknown;

        IEnumerable<string> Servers(DiskSource source) => isNamed ? source.Hosts.Select(h => h.Split(':')[0]) : source.Hosts;
    }

    /// <summary>Compares volumes of pools whose volumes have no path that could be looked at: by their pools' sources and their names.</summary>
    public static SameStorage CompareVolumes(DiskSource here, DiskSource there) =>
        here.Volume is { } volume && there.Volume is { } other && IsEqual(volume, other) && here.Hosts.Intersect(there.Hosts, StringComparer.Ordinal).Any()
            ? SameStorage.Same
            : SameStorage.Unknown;

    /// <summary>What it is known by.</summary>
    public override string ToString() => Marks.Count > 0 ? string.Join(", ", Marks) : "nothing that identifies it";

    private static bool IsDecisive(StorageMark here, StorageMark there) =>
        here.IsDecisive && there.IsDecisive && string.Equals(here.Family, there.Family, StringComparison.Ordinal);

    private static bool IsEqual(string one, string other) => string.Equals(one, other, StringComparison.Ordinal);
}
