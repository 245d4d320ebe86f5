using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

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
    public override string ToString() => Source == Disk.Source
        ? $"{Disk.Target} ({Source.Path ?? Source.Name})"
        : $"{Disk.Target} ({Source.Path ?? Source.Name}, behind {Disk.Source?.Name})";

    /// <summary>Looks for the images of drives at the destination.</summary>
    /// <returns>The images, in the order in which libvirt looks at them: the last drive first, and of each what the guest writes to first.</returns>
    public static async Task<IReadOnlyList<NeededImage>> FindAsync(
        CheckContext context, Func<DomainDisk, bool> which, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        var pools = await StoragePools.ListAsync(context.Destination).ConfigureAwait(false);
        var copies = context.Copies;
        (DomainDisk Disk, DiskSource Source, bool IsPerhaps)[] images =
        [
            .. from disk in definition.Drives.Reverse()
               where disk.Source is not null && which(disk)
               let top = copies.Include(disk) ? [] : new[] { disk.Source! }
               from source in top.Concat(disk.Backing)
               where source.Type is not "nvme"
               select (disk, StoragePools.Resolve(source, pools), top.Length == 0 && !copies.IsIncremental),
        ];

        var paths = images.Where(i => i.Source.Type is not "network").Select(i => i.Source.Path).OfType<string>();
        var sightings = await DestinationImages.FindAsync(context, paths, cancellationToken).ConfigureAwait(false);
        return [.. images.Select(i => new NeededImage(i.Disk, i.Source, See(i.Source, pools, sightings)) { IsPerhapsNeeded = i.IsPerhaps })];
    }

    /// <summary>Adds what was seen of images to a finding.</summary>
    public static Finding Seen(Finding finding, CheckContext context, IEnumerable<NeededImage> images) => images
        .Select(i => i.Sighting).OfType<ImageSighting>().Distinct()
        .Aggregate(finding, (f, s) => f.Seen(context.DestinationName, s.What, s.Value));

    // A volume of a pool that the host does not have has no path to look for: it is the pool that is missing.
    private static ImageSighting? See(DiskSource source, IReadOnlyList<StoragePool> pools, IReadOnlyDictionary<string, ImageSighting> sightings) =>
        source is { Type: "volume", Pool: { } pool } && pools.Count > 0
            ? new(source.Name, ImagePresence.Missing, "storage pools", $"no pool {pool}")
            : source.Path is { } path && source.Type is not "network" ? sightings.GetValueOrDefault(path) : null;
}
