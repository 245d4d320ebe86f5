using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Xml;

namespace VirtMigrate.Planning;

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
    public override string ToString() => $"{Disk.Target} ({Source.Name})";

    /// <summary>Finds the copied disks of a VM and looks for their images at the destination.</summary>
    /// <returns>The disks; empty where nothing is copied.</returns>
    public static async Task<IReadOnlyList<CopiedDisk>> FindAsync(CheckContext context, CancellationToken cancellationToken) =>
        await FindAsync(context, context.Vm, await context.GetArrivingDefinitionAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Finds the copied disks of a VM that goes the same way before this one.</summary>
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
        var copies = context.Copies;

        // Libvirt copies nothing that the guest can't write to, even if it is named.
        DomainDisk[] disks = [.. definition.Drives.Where(d => copies.Include(d) && d is { Source: not null, IsReadOnly: false })];
        if (disks.Length == 0)
        {
            return [];
        }

        var pools = await StoragePools.ListAsync(context.Destination).ConfigureAwait(false);
        (DomainDisk Disk, DiskSource Source)[] targets = [.. disks.Select(d => (d, StoragePools.ResolveCopied(d.Source!, pools)))];
        var sightings = await DestinationImages.FindAsync(
            context, targets.Where(t => t.Source.IsLocalPath).Select(t => t.Source.Path!), cancellationToken).ConfigureAwait(false);
        var images = (await vm.InspectAsync().ConfigureAwait(false)).Images;
        var here = (await vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var poolsHere = here.Any(d => d.Source is { Type: "volume" }) ? await StoragePools.ListAsync(context.Source).ConfigureAwait(false) : [];
        return await Task.WhenAll(targets.Select(async t =>
        {
            var sighting = t.Source.IsLocalPath
                ? sightings[t.Source.Path!]
                : new ImageSighting(t.Source.Name, ImagePresence.Unknown, "domain XML", $"{t.Disk.Target}: {t.Source.Name}");
            return new CopiedDisk(t.Disk, t.Source, sighting,
                images.FirstOrDefault(i => i.BackingIndex == 0 && string.Equals(i.Target, t.Disk.Target, StringComparison.Ordinal)))
            {
                From = here.FirstOrDefault(d => string.Equals(d.Target, t.Disk.Target, StringComparison.Ordinal))?.Source is { } from
                    ? StoragePools.ResolveCopied(from, poolsHere)
                    : t.Source,
                Volume = sighting is { Pool: not null, Presence: ImagePresence.Present }
                    ? await context.Destination.FindVolumeAsync(t.Source.Path!).ConfigureAwait(false)
                    : null,
            };
        })).ConfigureAwait(false);
    }
}

/// <summary>Which disks a migration copies, by libvirt's rules (qemuMigrationAnyCopyDisk).</summary>
internal sealed class DiskCopies(MigrationOptionSet options)
{
    /// <summary>Whether any disk may be copied.</summary>
    public bool IsOn { get; } = (options.Flags & (MigrationFlags.NonSharedDisk | MigrationFlags.NonSharedIncremental)) != MigrationFlags.None;

    /// <summary>Whether only what lies over images that both hosts have is copied.</summary>
    public bool IsIncremental { get; } = (options.Flags & MigrationFlags.NonSharedIncremental) != MigrationFlags.None;

    /// <summary>The targets of the disks to copy; empty where libvirt chooses.</summary>
    public IReadOnlyList<string> Named { get; } =
    [
        .. options.Enabled.Where(o => o.Key == MigrationOptions.MigrateDisk).SelectMany(o => MigrationOption.ToTexts(o.Value)),
    ];

    /// <summary>Whether a disk is copied.</summary>
    public bool Include(DomainDisk disk) => IsOn && (Named.Count > 0
        ? Named.Contains(disk.Target, StringComparer.Ordinal)
        : !disk.IsShareable && !disk.IsReadOnly && disk.Source is not null);
}
