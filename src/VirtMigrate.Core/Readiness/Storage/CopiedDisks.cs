using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Storage;

/// <summary>The disks that a migration copies, and what the destination has to copy them into.</summary>
internal static class CopiedDisks
{
    /// <summary>Finds the copied disks of a VM and looks for their images at the destination.</summary>
    /// <param name="move">The migration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disks that have a path at the destination; empty where nothing is copied.</returns>
    public static async Task<IReadOnlyList<CopiedDisk>> FindAsync(ReadinessMove move, CancellationToken cancellationToken) =>
        await FindAsync(move, move.Vm, await DestinationDefinition.OfAsync(move).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Finds the copied disks of a VM that goes the same way before this one.</summary>
    /// <param name="move">The migration.</param>
    /// <param name="vm">The other VM.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The disks that have a path at the destination.</returns>
    public static async Task<IReadOnlyList<CopiedDisk>> FindAheadAsync(ReadinessMove move, VmFacts vm, CancellationToken cancellationToken) =>
        vm.Vm.Status.IsActive
            ? await FindAsync(move, vm, await vm.GetDefinitionAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false)
            : [];

    private static async Task<IReadOnlyList<CopiedDisk>> FindAsync(
        ReadinessMove move, VmFacts vm, DomainDefinition definition, CancellationToken cancellationToken)
    {
        var copies = new DiskCopies(move.Options);
        DomainDisk[] disks = [.. definition.Drives.Where(d => copies.Include(d) && d.Source is not null)];
        if (disks.Length == 0)
        {
            return [];
        }

        var pools = await DestinationImages.ListPoolsAsync(move.Destination).ConfigureAwait(false);
        (DomainDisk Disk, DiskSource Source)[] targets =
            [.. disks.Select(d => (d, DiskLocation.Resolve(d.Source!, pools))).Where(d => d.Item2.IsLocalPath)];
        var sightings = await DestinationImages.FindAsync(move, targets.Select(t => t.Source.Path!), cancellationToken).ConfigureAwait(false);
        var images = (await vm.InspectAsync().ConfigureAwait(false)).Images;
        return
        [
            .. targets.Select(t => new CopiedDisk(t.Disk, t.Source, sightings[t.Source.Path!],
                images.FirstOrDefault(i => i.BackingIndex == 0 && string.Equals(i.Target, t.Disk.Target, StringComparison.Ordinal)))),
        ];
    }
}
