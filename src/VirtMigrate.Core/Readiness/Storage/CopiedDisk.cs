using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Readiness.Storage;

/// <summary>A disk that a migration copies.</summary>
/// <param name="Disk">The disk, as the VM has it at the destination.</param>
/// <param name="Source">What it is copied into.</param>
/// <param name="Sighting">What was seen of that at the destination.</param>
/// <param name="Image">What the source tells of the image; null where it tells nothing.</param>
internal sealed record CopiedDisk(DomainDisk Disk, DiskSource Source, ImageSighting Sighting, VmDiskImage? Image)
{
    /// <summary>Whether the destination has something to copy into.</summary>
    public ImagePresence Presence => Sighting.Presence;

    /// <summary>The bytes that libvirt takes at once to make it, or that the copy fills at least; null where nobody tells.</summary>
    /// <remarks>Raw images are made whole; other formats grow with what is copied.</remarks>
    public long? Need => Source.Format is null or "raw" ? Image?.Capacity : Image?.Allocation;

    /// <summary>What to call it to people.</summary>
    /// <returns>The target and the path.</returns>
    public override string ToString() => $"{Disk.Target} ({Source.Name})";
}
