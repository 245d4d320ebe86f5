using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

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
