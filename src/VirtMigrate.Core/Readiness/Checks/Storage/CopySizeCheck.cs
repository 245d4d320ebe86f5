using System.Globalization;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>QEMU copies a disk only into an image of the very same size.</summary>
public sealed class CopySizeCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var disks = (await CopiedDisks.FindAsync(move, cancellationToken).ConfigureAwait(false)).Where(d => d.Presence == ImagePresence.Present).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable("NoTargets");
        }

        var sizes = await Task.WhenAll(disks.Select(d => SizeAtDestinationAsync(move, d))).ConfigureAwait(false);
        var pairs = disks.Zip(sizes, (d, s) => (Disk: d, Here: d.Image?.Capacity, There: s)).ToArray();
        var finding = Judge(pairs);
        return pairs.Aggregate(finding, (f, p) => f
            .Seen(move.Vm.Vm.VmHost.Name, $"domstats, capacity of {p.Disk.Disk.Target}", ToText(p.Here))
            .Seen(move.DestinationName, $"virStorageVolGetInfo, capacity of {p.Disk.Source.Path}", ToText(p.There)));
    }

    private static ReadinessFinding Judge((CopiedDisk Disk, long? Here, long? There)[] pairs)
    {
        if (pairs.Where(p => p.Here is not null && p.There is not null && p.Here != p.There).ToArray() is [var first, ..] others)
        {
            var sizes = string.Join(", ", others.Select(o => $"{o.Disk} {ToText(o.Here)} here and {ToText(o.There)} there"));
            return Failed("Differs", sizes, first.Disk.Source.Path, first.Here);
        }

        var unknown = pairs.Where(p => p.Here is null || p.There is null).Select(p => p.Disk).ToArray();
        return unknown.Length == 0
            ? Passed("Same", string.Join(", ", pairs.Select(p => p.Disk)))
            : NotVerified("Unknown", string.Join(", ", unknown.AsEnumerable()), unknown[0].Source.Path);
    }

    private static async Task<long?> SizeAtDestinationAsync(ReadinessMove move, CopiedDisk disk) => disk.Sighting.Pool is null
        ? null
        : (await move.Destination.FindVolumeAsync(disk.Source.Path!).ConfigureAwait(false))?.Capacity;

    private static string ToText(long? size) => size is { } bytes ? $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes" : "not told";
}
