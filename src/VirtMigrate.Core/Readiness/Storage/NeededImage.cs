using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Readiness.Storage;

/// <summary>An image that the destination must have for the VM to run there.</summary>
/// <param name="Disk">The disk that it belongs to.</param>
/// <param name="Source">The image, or one behind it.</param>
/// <param name="Sighting">What was seen of it; null where it has no path that could be looked for.</param>
internal sealed record NeededImage(DomainDisk Disk, DiskSource Source, ImageSighting? Sighting)
{
    /// <summary>
    /// Whether it is behind an image that is copied whole, and needed only where the definition itself names it: a running VM's definition
    /// does not tell what it names from what libvirt found behind the image.
    /// </summary>
    public bool IsPerhapsNeeded { get; init; }

    /// <summary>Whether it is there.</summary>
    public ImagePresence Presence => Sighting?.Presence ?? ImagePresence.Unknown;

    /// <summary>The message with which libvirt refuses to start a VM without it.</summary>
    public string LibvirtError => Source switch
    {
        { Type: "volume", Pool: { } pool } => $"no storage pool with matching name '{pool}'",
        _ when Disk.Source is { Path: { } top } && Source != Disk.Source => $"Cannot access backing file '{Source.Path}' of storage file '{top}'",
        _ => $"Cannot access storage file '{Source.Path}'",
    };

    /// <summary>What to call it to people.</summary>
    /// <returns>The disk's target and the image.</returns>
    public override string ToString() => Source == Disk.Source
        ? $"{Disk.Target} ({Source.Path ?? Source.Name})"
        : $"{Disk.Target} ({Source.Path ?? Source.Name}, behind {Disk.Source?.Name})";
}
