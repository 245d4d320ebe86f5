using System.Globalization;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>
/// An incremental copy goes into an image that must be there already, and so does a copy of a block device.
/// </summary>
internal sealed class CopyTargetsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "Images that libvirt does not make itself are at the destination (all of an incremental copy, and block devices).";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var copies = context.Copies;
        var disks = copies.IsOn ? await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false) : [];
        var finding = Judge(context, [.. disks.Where(d => copies.IsIncremental || d.Source.Type is "block")]);
        return disks.Aggregate(finding, (f, d) => f.Seen(context.DestinationName, d.Sighting.What, d.Sighting.Value));
    }

    private static Finding Judge(CheckContext context, CopiedDisk[] disks)
    {
        if (disks.Length == 0)
        {
            return NotApplicable($"No disk is copied into what libvirt can't make itself.");
        }

        if (disks.Where(d => d.Presence == ImagePresence.Missing).ToArray() is { Length: > 0 } missing)
        {
            var names = string.Join(", ", missing.AsEnumerable());
            return context.Copies.IsIncremental
                ? Failed(
                    $"An incremental copy needs an image to go into, and '{context.DestinationName}' has none for {names}.",
                    advice: $"Use -CopyStorage All, or make it on '{context.DestinationName}' over the same base image, with the same size: " +
                        $"qemu-img create -f qcow2 -b BASE -F qcow2 {missing[0].Source.Path}",
                    libvirt: $"pre-creation of storage targets for incremental storage migration is not supported")
                : Failed(
                    $"Libvirt can't make the block device that is to be copied into, and '{context.DestinationName}' has none for {names}.",
                    advice: $"Make a volume of the same size at {missing[0].Source.Path} on '{context.DestinationName}', such as with virsh -c " +
                        $"{context.DestinationUri} vol-create-as POOL NAME SIZE",
                    libvirt: $"cannot precreate storage for disk type 'block'");
        }

        var unknown = disks.Where(d => d.Presence == ImagePresence.Unknown).ToArray();
        return unknown.Length == 0
            ? Passed($"'{context.DestinationName}' has what is copied into: {disks}.")
            : NotVerified(
                $"Whether '{context.DestinationName}' has what is to be copied into can't be seen from here: {unknown}.",
                advice: $"Look on '{context.DestinationName}' itself; with an ssh URI, or a storage pool there, this is checked for you.");
    }
}

/// <summary>To make the image that a disk is copied into, libvirt needs a storage pool in its directory (virStoragePoolLookupByTargetPath).</summary>
internal sealed class CopyPoolsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "Where images have to be made for copied disks, the destination has an active storage pool in their directory.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var copies = context.Copies;
        var disks = !copies.IsOn || copies.IsIncremental ? []
            : (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(d => d.Source.Type is "file").ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"No image is made at the destination.");
        }

        var finding = await JudgeAsync(context, disks).ConfigureAwait(false);
        return disks.Aggregate(finding, (f, d) => f.Seen(context.DestinationName, d.Sighting.What, d.Sighting.Value));
    }

    private static async Task<Finding> JudgeAsync(CheckContext context, CopiedDisk[] disks)
    {
        var poolless = disks.Where(d => d.Sighting.Pool is null && d.Presence != ImagePresence.Present).ToArray();
        if (poolless.Length == 0)
        {
            return Passed(
                $"'{context.DestinationName}' has where to put the copies: " +
                    $"{disks.Select(d => d.Sighting.Pool?.Name ?? d.Source.Path).Distinct(StringComparer.Ordinal)}.");
        }

        var first = poolless.FirstOrDefault(d => d.Presence == ImagePresence.Missing) ?? poolless[0];
        var directory = Path.GetDirectoryName(first.Source.Path);
        var names = string.Join(", ", poolless.AsEnumerable());
        var pools = await StoragePools.ListAsync(context.Destination).ConfigureAwait(false);
        var stopped = pools.FirstOrDefault(p => !p.IsActive && string.Equals(p.TargetPath, directory, StringComparison.Ordinal))?.Name;
        return (first.Presence, stopped) switch
        {
            (ImagePresence.Missing, null) => Failed(
                $"'{context.DestinationName}' has no storage pool at {directory}, so that libvirt can't make there what is to be copied into: " +
                    $"{names}.",
                advice: $"Make one: virsh -c {context.DestinationUri} pool-create-as migrated dir --target {directory}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            (ImagePresence.Missing, _) => Failed(
                $"The storage pool {stopped} of '{context.DestinationName}' at {directory} is not started, so that libvirt can't make there what " +
                    $"is to be copied into: {names}.",
                advice: $"Start it: virsh -c {context.DestinationUri} pool-start {stopped}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            (_, null) => NotVerified(
                $"'{context.DestinationName}' has no storage pool at {directory}: libvirt can't make {names} there, and whether it is there " +
                    $"already can't be seen from here.",
                advice: $"Make one (virsh -c {context.DestinationUri} pool-create-as migrated dir --target {directory}), or make sure that the " +
                    $"image is there, with the same size.",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            _ => NotVerified(
                $"The storage pool {stopped} of '{context.DestinationName}' at {directory} is not started: libvirt can't make {names} there, and " +
                    $"whether it is there already can't be seen.",
                advice: $"Start it: virsh -c {context.DestinationUri} pool-start {stopped}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
        };
    }
}

/// <summary>QEMU copies a disk only into an image of the very same size.</summary>
internal sealed class CopySizeCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "What disks are copied into has the same size as they have.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(d => d.Presence == ImagePresence.Present).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"No disk is copied into an image that is there already.");
        }

        var pairs = disks.Select(d => (Disk: d, Here: d.Image?.Capacity, There: d.Volume?.Capacity)).ToArray();
        var finding = Judge(context, pairs);
        return pairs.Aggregate(finding, (f, p) => f
            .Seen(context.SourceName, $"domstats, capacity of {p.Disk.Disk.Target}", ToText(p.Here))
            .Seen(context.DestinationName, $"virStorageVolGetInfo, capacity of {p.Disk.Source.Path}", ToText(p.There)));
    }

    private static Finding Judge(CheckContext context, (CopiedDisk Disk, long? Here, long? There)[] pairs)
    {
        if (pairs.Where(p => p.Here is not null && p.There is not null && p.Here != p.There).ToArray() is [var first, ..] others)
        {
            var sizes = string.Join(", ", others.Select(o => $"{o.Disk} {ToText(o.Here)} here and {ToText(o.There)} there"));
            return Failed(
                $"A disk can be copied only into an image of the same size, and these differ: {sizes}.",
                advice: $"If nobody needs the image on '{context.DestinationName}', remove it, and libvirt makes one that fits; or resize it " +
                    $"there: qemu-img resize {first.Disk.Source.Path} {first.Here}",
                libvirt: $"Source and target image have different sizes");
        }

        var unknown = pairs.Where(p => p.Here is null || p.There is null).Select(p => p.Disk).ToArray();
        return unknown.Length == 0
            ? Passed($"The images at '{context.DestinationName}' have the same sizes: {pairs.Select(p => p.Disk)}.")
            : NotVerified(
                $"What {unknown} would be copied into is there, but '{context.DestinationName}' does not tell its size, which has to be the same.",
                advice: $"Compare the sizes: virsh -c {context.SourceUri} domblkinfo {context.VmName} --all, and on '{context.DestinationName}' " +
                    $"qemu-img info {unknown[0].Source.Path}",
                libvirt: $"Source and target image have different sizes");
    }

    private static string ToText(long? size) => size is { } bytes ? $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes" : "not told";
}

/// <summary>The images that libvirt makes at the destination for copied disks need room in their pools, those of the whole batch together.</summary>
internal sealed class CopySpaceCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "The destination's storage pools have room for the images that are made for copied disks, those of the whole batch together.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(IsMade).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"No image is made in a pool of the destination.");
        }

        var ahead = await Task.WhenAll(context.Ahead.Select(v => CopiedDisk.FindAheadAsync(context, v, cancellationToken))).ConfigureAwait(false);
        var wanted = disks.Select(d => (d, IsOwn: true)).Concat(ahead.SelectMany(d => d).Where(IsMade).Select(d => (d, IsOwn: false)));
        var pools = wanted.GroupBy(w => w.d.Sighting.Pool!.Name, StringComparer.Ordinal).Where(g => g.Any(w => w.IsOwn)).ToArray();
        var checks = await Task.WhenAll(pools.Select(async g => new PoolRoom(
            await context.Destination.RenewPoolAsync(g.Key).ConfigureAwait(false) ?? g.First().d.Sighting.Pool!,
            [.. g.Select(w => w.d)]))).ConfigureAwait(false);
        return checks.Aggregate(Judge(context, checks), (f, c) => f
            .Seen(context.DestinationName, $"virStoragePoolGetInfo, pool {c.Pool.Name}", $"{Units.Size(c.Pool.Available)} available")
            .Seen(context.SourceName, "domstats, images to copy", $"{string.Join(", ", c.Disks)}: {Units.Size(c.AtLeast)} to {Units.Size(c.AtMost)}"));
    }

    private static Finding Judge(CheckContext context, PoolRoom[] pools)
    {
        if (pools.FirstOrDefault(p => p.AtLeast > p.Pool.Available) is { } full)
        {
            return Failed(
                $"The pool {full.Pool.Name} of '{context.DestinationName}' has {Units.Size(full.Pool.Available)} left, and the copies need " +
                    $"{Units.Size(full.AtLeast)}, those before this VM in the batch included.",
                advice: $"Make room in the pool, or choose another destination; see virsh -c {context.DestinationUri} pool-list --details",
                libvirt: $"No space left on device");
        }

        if (pools.FirstOrDefault(p => p.AtMost > p.Pool.Available) is { } tight)
        {
            return Warning(
                $"The pool {tight.Pool.Name} of '{context.DestinationName}' has {Units.Size(tight.Pool.Available)} left: the copies fit as " +
                    $"they are now, but not if the guest fills its disks ({Units.Size(tight.AtMost)}).",
                advice: $"Make room in the pool; see virsh -c {context.DestinationUri} pool-list --details");
        }

        return pools.FirstOrDefault(p => p.Disks.Any(d => d.Image?.Capacity is null)) is { } untold
            ? NotVerified(
                $"'{context.SourceName}' does not tell how large the disks are, so that nobody can say whether pool {untold.Pool.Name} of " +
                    $"'{context.DestinationName}' has room for them.",
                advice: $"Compare virsh -c {context.SourceUri} domblkinfo {context.VmName} --all with virsh -c {context.DestinationUri} " +
                    $"pool-info {untold.Pool.Name}")
            : Passed(
                $"The pools of '{context.DestinationName}' have room for the copies: " +
                    $"{pools.Select(p => $"{p.Pool.Name} ({Units.Size(p.Pool.Available)})")}.");
    }

    private static bool IsMade(CopiedDisk disk) => disk is { Presence: ImagePresence.Missing, Sighting.Pool: not null };

    private sealed record PoolRoom(StoragePool Pool, IReadOnlyList<CopiedDisk> Disks)
    {
        public long AtLeast => Disks.Sum(d => d.Need ?? 0);

        public long AtMost => Disks.Sum(d => d.Image?.Capacity ?? 0);
    }
}
