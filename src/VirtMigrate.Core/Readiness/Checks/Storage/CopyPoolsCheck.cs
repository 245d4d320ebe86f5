using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>To make the image that a disk is copied into, libvirt needs a storage pool in its directory (virStoragePoolLookupByTargetPath).</summary>
public sealed class CopyPoolsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var copies = new DiskCopies(move.Options);
        if (!copies.IsOn || copies.IsIncremental)
        {
            return NotApplicable("NotMade");
        }

        var disks = (await CopiedDisks.FindAsync(move, cancellationToken).ConfigureAwait(false)).Where(d => d.Source.Type is "file").ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable("NotMade");
        }

        var finding = await JudgeAsync(move, disks).ConfigureAwait(false);
        return disks.Aggregate(finding, (f, d) => f.Seen(move.DestinationName, d.Sighting.What, d.Sighting.Value));
    }

    private static async Task<ReadinessFinding> JudgeAsync(ReadinessMove move, CopiedDisk[] disks)
    {
        var poolless = disks.Where(d => d.Sighting.Pool is null && d.Presence != ImagePresence.Present).ToArray();
        if (poolless.Length == 0)
        {
            return Passed("Found", string.Join(", ", disks.Select(d => d.Sighting.Pool?.Name ?? d.Source.Path).Distinct(StringComparer.Ordinal)));
        }

        var first = poolless.FirstOrDefault(d => d.Presence == ImagePresence.Missing) ?? poolless[0];
        var directory = Path.GetDirectoryName(first.Source.Path);
        var names = string.Join(", ", poolless.AsEnumerable());
        var pools = await DestinationImages.ListPoolsAsync(move.Destination).ConfigureAwait(false);
        var stopped = pools.FirstOrDefault(p => !p.IsActive && string.Equals(p.TargetPath, directory, StringComparison.Ordinal))?.Name;
        return (first.Presence, stopped) switch
        {
            (ImagePresence.Missing, null) => Failed("NoPool", names, directory),
            (ImagePresence.Missing, _) => Failed("Stopped", names, directory, stopped),
            (_, null) => NotVerified("Unknown", names, directory),
            _ => NotVerified("UnknownStopped", names, directory, stopped),
        };
    }
}
