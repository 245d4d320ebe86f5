using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Storage;

/// <summary>The images that the destination must have, and what was seen of them there.</summary>
internal static class NeededImages
{
    /// <summary>Looks for the images of drives at the destination.</summary>
    /// <param name="context">The migration.</param>
    /// <param name="which">Which drives, of the definition that the VM has at the destination.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The images, in the order in which libvirt looks at them: the last drive first, and of each what the guest writes to first.</returns>
    public static async Task<IReadOnlyList<NeededImage>> FindAsync(
        CheckContext context, Func<DomainDisk, bool> which, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        var pools = await DestinationImages.ListPoolsAsync(context.Destination).ConfigureAwait(false);
        var copies = new DiskCopies(context.Options);
        (DomainDisk Disk, DiskSource Source, bool IsPerhaps)[] images =
        [
            .. from disk in definition.Drives.Reverse()
               where disk.Source is not null && which(disk)
               let top = copies.Include(disk) ? [] : new[] { disk.Source! }
               from source in top.Concat(disk.Backing)
               where source.Type is not "nvme"
               select (disk, DiskLocation.Resolve(source, pools), top.Length == 0 && !copies.IsIncremental),
        ];

        var paths = images.Where(i => i.Source.Type is not "network").Select(i => i.Source.Path).OfType<string>();
        var sightings = await DestinationImages.FindAsync(context, paths, cancellationToken).ConfigureAwait(false);
        return [.. images.Select(i => new NeededImage(i.Disk, i.Source, See(i.Source, pools, sightings)) { IsPerhapsNeeded = i.IsPerhaps })];
    }

    /// <summary>Adds what was seen of images to a finding.</summary>
    /// <param name="finding">The finding.</param>
    /// <param name="context">The migration.</param>
    /// <param name="images">The images.</param>
    /// <returns>The finding with it.</returns>
    public static Finding Seen(Finding finding, CheckContext context, IEnumerable<NeededImage> images) => images
        .Select(i => i.Sighting).OfType<ImageSighting>().Distinct()
        .Aggregate(finding, (f, s) => f.Seen(context.DestinationName, s.What, s.Value));

    // A volume of a pool that the host does not have has no path to look for: it is the pool that is missing.
    private static ImageSighting? See(DiskSource source, IReadOnlyList<StoragePool> pools, IReadOnlyDictionary<string, ImageSighting> sightings) =>
        source is { Type: "volume", Pool: { } pool } && pools.Count > 0
            ? new(source.Name, ImagePresence.Missing, "storage pools", $"no pool {pool}")
            : source.Path is { } path && source.Type is not "network" ? sightings.GetValueOrDefault(path) : null;
}
