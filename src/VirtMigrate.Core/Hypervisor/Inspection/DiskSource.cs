namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Where the data of a disk, or of an image behind it, come from: a source element of the domain XML.</summary>
/// <param name="Type">The kind of source: <c>file</c>, <c>block</c>, <c>network</c>, <c>volume</c>, <c>nvme</c>, <c>vhostuser</c> or <c>dir</c>.</param>
/// <param name="Path">The path on the host; null where the data have none.</param>
/// <param name="Name">What to call it to people: the path, or the pool and volume, or the protocol and name.</param>
/// <param name="Format">The image's format, such as <c>raw</c> or <c>qcow2</c>; null where none is given.</param>
public sealed record DiskSource(string Type, string? Path, string Name, string? Format)
{
    /// <summary>The storage pool of a volume; null for other kinds.</summary>
    public string? Pool { get; init; }

    /// <summary>The volume's name within its pool; null for other kinds.</summary>
    public string? Volume { get; init; }

    /// <summary>The hosts that serve a network disk, each with its port where one is given, or the socket; empty for other kinds.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Whether it is a file or a block device of the host.</summary>
    public bool IsLocalPath => Path is not null && Type is "file" or "block";
}
