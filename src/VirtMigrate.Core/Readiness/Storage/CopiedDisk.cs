using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Readiness.Storage;

/// <summary>A disk that a migration copies.</summary>
/// <param name="Disk">The disk, as the VM has it at the destination.</param>
/// <param name="Source">What it is copied into.</param>
/// <param name="Sighting">What was seen of that at the destination.</param>
/// <param name="Image">What the source tells of the image; null where it tells nothing.</param>
internal sealed record CopiedDisk(DomainDisk Disk, DiskSource Source, ImageSighting Sighting, VmDiskImage? Image)
{
    // An empty qcow2 image has four clusters: its header, two tables of references, and the first of the guest's tables. Data, also those in
    // a file of their own, take at least one more.
    private const long UsualCluster = 65536;
    private const long EmptyQcow2 = 4 * UsualCluster;

    /// <summary>What it is copied from, as the source has it.</summary>
    public required DiskSource From { get; init; }

    /// <summary>The volume that it is copied into; null where no active pool of the destination has it.</summary>
    public StorageVolume? Volume { get; init; }

    /// <summary>Whether the destination has something to copy into.</summary>
    public ImagePresence Presence => Sighting.Presence;

    /// <summary>Whether what it is copied into is known to hold nothing: a file made for it beforehand.</summary>
    public bool IsTargetEmpty => Source.Type is "file" && Volume switch
    {
        { Format: "raw", Allocation: 0 } => true,
        { Format: "qcow2", ClusterSize: UsualCluster, Physical: { } length } => length <= EmptyQcow2,
        _ => false,
    };

    /// <summary>Whether what it is copied from is known to hold more than an empty image does.</summary>
    public bool HoldsData => Image?.Allocation > EmptyQcow2;

    /// <summary>The bytes that libvirt takes at once to make it, or that the copy fills at least; null where nobody tells.</summary>
    /// <remarks>Raw images are made whole; other formats grow with what is copied.</remarks>
    public long? Need => Source.Format is null or "raw" ? Image?.Capacity : Image?.Allocation;

    /// <summary>What to call it to people.</summary>
    /// <returns>The target and the path.</returns>
    public override string ToString() => $"{Disk.Target} ({Source.Name})";
}
