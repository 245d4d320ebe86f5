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
        "The destination has the target images that libvirt does not create itself (all of an incremental copy, and block devices).";
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
            return NotApplicable($"Libvirt creates all target images itself.");
        }

        if (disks.Where(d => d.Presence == ImagePresence.Missing).ToArray() is { Length: > 0 } missing)
        {
            var names = string.Join(", ", missing.AsEnumerable());
            return context.Copies.IsIncremental
                ? Failed(
                    $"An incremental copy needs existing target images, and '{context.DestinationName}' has none for {names}.",
                    advice: $"Use -CopyStorage All, or create it on '{context.DestinationName}' with the same base image and size: " +
                        $"qemu-img create -f qcow2 -b BASE -F qcow2 {missing[0].Source.Path}",
                    libvirt: $"pre-creation of storage targets for incremental storage migration is not supported")
                : Failed(
                    $"Libvirt can't create a block device as the target, and '{context.DestinationName}' has none for {names}.",
                    advice: $"Create a volume of the same size at {missing[0].Source.Path} on '{context.DestinationName}', for example: virsh -c " +
                        $"{context.DestinationUri} vol-create-as POOL NAME SIZE",
                    libvirt: $"cannot precreate storage for disk type 'block'");
        }

        var unknown = disks.Where(d => d.Presence == ImagePresence.Unknown).ToArray();
        return unknown.Length == 0
            ? Passed($"'{context.DestinationName}' has the target images: {disks}.")
            : NotVerified(
                $"Can't tell from here whether '{context.DestinationName}' has the target images: {unknown}.",
                advice: $"Check on '{context.DestinationName}' itself. Or connect to it over qemu+ssh, or create a storage pool there, and this " +
                    $"check looks there.");
    }
}

/// <summary>To make the image that a disk is copied into, libvirt needs a storage pool in its directory (virStoragePoolLookupByTargetPath).</summary>
internal sealed class CopyPoolsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "If libvirt must create images for copied disks, the destination has an active storage pool in their directory.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var copies = context.Copies;
        var disks = !copies.IsOn || copies.IsIncremental ? []
            : (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(d => d.Source.Type is "file").ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"Libvirt creates no image at the destination.");
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
                $"'{context.DestinationName}' has storage pools for the copies: " +
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
                $"'{context.DestinationName}' has no storage pool at {directory}, so libvirt can't create the target images there: " +
                    $"{names}.",
                advice: $"Create one: virsh -c {context.DestinationUri} pool-create-as migrated dir --target {directory}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            (ImagePresence.Missing, _) => Failed(
                $"The storage pool {stopped} of '{context.DestinationName}' at {directory} is not active, so libvirt can't create the " +
                    $"target images there: {names}.",
                advice: $"Start it: virsh -c {context.DestinationUri} pool-start {stopped}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            (_, null) => NotVerified(
                $"'{context.DestinationName}' has no storage pool at {directory}: libvirt can't create {names} there. Can't tell from here " +
                    $"whether it already exists.",
                advice: $"Create one (virsh -c {context.DestinationUri} pool-create-as migrated dir --target {directory}), or make sure that the " +
                    $"image exists, with the same size.",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            _ => NotVerified(
                $"The storage pool {stopped} of '{context.DestinationName}' at {directory} is not active: libvirt can't create {names} there. " +
                    $"Can't tell whether it already exists.",
                advice: $"Start it: virsh -c {context.DestinationUri} pool-start {stopped}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
        };
    }
}

/// <summary>QEMU copies a disk only into an image of the very same size.</summary>
internal sealed class CopySizeCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The target images of copied disks have the same size as the disks.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(d => d.Presence == ImagePresence.Present).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"No disk is copied to an image that already exists.");
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
                $"A disk can be copied only to an image of the same size, and these differ: {sizes}.",
                advice: $"If nobody needs the image on '{context.DestinationName}', remove it, and libvirt creates one that fits; or resize it " +
                    $"there: qemu-img resize {first.Disk.Source.Path} {first.Here}",
                libvirt: $"Source and target image have different sizes");
        }

        var unknown = pairs.Where(p => p.Here is null || p.There is null).Select(p => p.Disk).ToArray();
        return unknown.Length == 0
            ? Passed($"The images at '{context.DestinationName}' have the same sizes: {pairs.Select(p => p.Disk)}.")
            : NotVerified(
                $"The target image of {unknown} exists, but one of the hosts does not report the size, which must be the same.",
                advice: $"Compare the sizes: virsh -c {context.SourceUri} domblkinfo {context.VmName} --all, and on '{context.DestinationName}' " +
                    $"qemu-img info {unknown[0].Source.Path}",
                libvirt: $"Source and target image have different sizes");
    }

    private static string ToText(long? size) => size is { } bytes ? $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes" : "not reported";
}

/// <summary>The images that libvirt makes at the destination for copied disks need room in their pools, those of the whole batch together.</summary>
internal sealed class CopySpaceCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "The destination's storage pools have room for the images that libvirt creates for copied disks, for the whole batch together.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(IsMade).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"Libvirt creates no image in a pool of the destination.");
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
                $"The pool {full.Pool.Name} of '{context.DestinationName}' has {Units.Size(full.Pool.Available)} free, and the copies need " +
                    $"{Units.Size(full.AtLeast)}, including those of the VMs that go first.",
                advice: $"Make room in the pool, or choose another destination. To see the pools: virsh -c {context.DestinationUri} pool-list --details",
                libvirt: $"No space left on device");
        }

        if (pools.FirstOrDefault(p => p.AtMost > p.Pool.Available) is { } tight)
        {
            return Warning(
                $"The pool {tight.Pool.Name} of '{context.DestinationName}' has {Units.Size(tight.Pool.Available)} free: the copies fit as " +
                    $"they are now, but not if the guest fills its disks ({Units.Size(tight.AtMost)}).",
                advice: $"Make room in the pool. To see the pools: virsh -c {context.DestinationUri} pool-list --details");
        }

        return pools.FirstOrDefault(p => p.Disks.Any(d => d.Image?.Capacity is null)) is { } untold
            ? NotVerified(
                $"'{context.SourceName}' does not report the size of the disks, so it is unknown whether pool {untold.Pool.Name} of " +
                    $"'{context.DestinationName}' has room for them.",
                advice: $"Compare: virsh -c {context.SourceUri} domblkinfo {context.VmName} --all; virsh -c {context.DestinationUri} " +
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
