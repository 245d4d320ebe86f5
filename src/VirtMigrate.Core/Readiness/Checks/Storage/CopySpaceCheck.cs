using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The images that libvirt makes at the destination for copied disks need room in their pools, those of the whole batch together.</summary>
public sealed class CopySpaceCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var disks = (await CopiedDisks.FindAsync(move, cancellationToken).ConfigureAwait(false)).Where(IsMade).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable("NotMade");
        }

        var ahead = await Task.WhenAll(move.Ahead.Select(v => CopiedDisks.FindAheadAsync(move, v, cancellationToken))).ConfigureAwait(false);
        var wanted = disks.Select(d => (d, IsOwn: true)).Concat(ahead.SelectMany(d => d).Where(IsMade).Select(d => (d, IsOwn: false)));
        var pools = wanted.GroupBy(w => w.d.Sighting.Pool!.Name, StringComparer.Ordinal).Where(g => g.Any(w => w.IsOwn)).ToArray();
        var checks = await Task.WhenAll(pools.Select(async g => new PoolRoom(
            await move.Destination.RenewPoolAsync(g.Key).ConfigureAwait(false) ?? g.First().d.Sighting.Pool!,
            [.. g.Select(w => w.d)]))).ConfigureAwait(false);
        return checks.Aggregate(Judge(checks), (f, c) => f
            .Seen(move.DestinationName, $"virStoragePoolGetInfo, pool {c.Pool.Name}", $"{ByteSize.ToText(c.Pool.Available)} available")
            .Seen(move.Vm.Vm.VmHost.Name, "domstats, images to copy", $"{string.Join(", ", c.Disks)}: {ByteSize.ToText(c.AtLeast)} to {ByteSize.ToText(c.AtMost)}"));
    }

    private static ReadinessFinding Judge(PoolRoom[] pools)
    {
        if (pools.FirstOrDefault(p => p.AtLeast > p.Pool.Available) is { } full)
        {
            return Failed("Full", full.Pool.Name, ByteSize.ToText(full.Pool.Available), ByteSize.ToText(full.AtLeast));
        }

        if (pools.FirstOrDefault(p => p.AtMost > p.Pool.Available) is { } tight)
        {
            return Warning("Tight", tight.Pool.Name, ByteSize.ToText(tight.Pool.Available), ByteSize.ToText(tight.AtMost));
        }

        return pools.FirstOrDefault(p => p.Disks.Any(d => d.Image?.Capacity is null)) is { } untold
            ? NotVerified("Unknown", untold.Pool.Name)
            : Passed("Enough", string.Join(", ", pools.Select(p => $"{p.Pool.Name} ({ByteSize.ToText(p.Pool.Available)})")));
    }

    private static bool IsMade(CopiedDisk disk) => disk is { Presence: ImagePresence.Missing, Sighting.Pool: not null };

    private sealed record PoolRoom(StoragePool Pool, IReadOnlyList<CopiedDisk> Disks)
    {
        public long AtLeast => Disks.Sum(d => d.Need ?? 0);

        public long AtMost => Disks.Sum(d => d.Image?.Capacity ?? 0);
    }
}
