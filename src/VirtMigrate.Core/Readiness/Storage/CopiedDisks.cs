using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Storage;

/// <summary>The disks that a migration copies, and what the destination has to copy them into.</summary>
internal static class CopiedDisks
{
    /// <summary>Finds the copied disks of a VM and looks for their images at the destination.</summary>
    /// <param name="context">The migration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disks; empty where nothing is copied.</returns>
    public static async Task<IReadOnlyList<CopiedDisk>> FindAsync(CheckContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, context.Vm, await context.GetArrivingDefinitionAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Finds the copied disks of a VM that goes the same way before this one.</summary>
    /// <param name="context">The migration.</param>
    /// <param name="vm">The other VM.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disks.</returns>
    public static async Task<IReadOnlyList<CopiedDisk>> FindAheadAsync(CheckContext context, VmFacts vm, CancellationToken cancellationToken)
    {
        if (!vm.Vm.Status.IsActive)
        {
            return [];
        }

        try
        {
            return await FindAsync(context, vm, await vm.GetDefinitionAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (VmNotFoundException)
        {
            // It has arrived, and the destination's definitions name its images.
            return [];
        }
    }

    private static async Task<IReadOnlyList<CopiedDisk>> FindAsync(
        CheckContext context, VmFacts vm, DomainDefinition definition, CancellationToken cancellationToken)
    {
        var copies = new DiskCopies(context.Options);

        // Libvirt copies nothing that the guest can't write to, even if it is named.
        DomainDisk[] disks = [.. definition.Drives.Where(d => copies.Include(d) && d is { Source: not null, IsReadOnly: false })];
        if (disks.Length == 0)
        {
            return [];
        }

        var pools = await DestinationImages.ListPoolsAsync(context.Destination).ConfigureAwait(false);
        (DomainDisk Disk, DiskSource Source)[] targets = [.. disks.Select(d => (d, DiskLocation.ResolveCopied(d.Source!, pools)))];
        var sightings = await DestinationImages.FindAsync(
            context, targets.Where(t => t.Source.IsLocalPath).Select(t => t.Source.Path!), cancellationToken).ConfigureAwait(false);
        var images = (await vm.InspectAsync().ConfigureAwait(false)).Images;
        var here = (await vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var poolsHere = here.Any(d => d.Source is { Type: "volume" }) ? await DestinationImages.ListPoolsAsync(context.Source).ConfigureAwait(false) : [];
        return await Task.WhenAll(targets.Select(async t =>
        {
            var sighting = t.Source.IsLocalPath
                ? sightings[t.Source.Path!]
                : new ImageSighting(t.Source.Name, ImagePresence.Unknown, "domain XML", $"{t.Disk.Target}: {t.Source.Name}");
            return new CopiedDisk(t.Disk, t.Source, sighting,
                images.FirstOrDefault(i => i.BackingIndex == 0 && string.Equals(i.Target, t.Disk.Target, StringComparison.Ordinal)))
            {
                From = here.FirstOrDefault(d => string.Equals(d.Target, t.Disk.Target, StringComparison.Ordinal))?.Source is { } from
                    ? DiskLocation.ResolveCopied(from, poolsHere)
                    : t.Source,
                Volume = sighting is { Pool: not null, Presence: ImagePresence.Present }
                    ? await context.Destination.FindVolumeAsync(t.Source.Path!).ConfigureAwait(false)
                    : null,
            };
        })).ConfigureAwait(false);
    }
}
