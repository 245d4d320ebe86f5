using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// An incremental copy goes into an image that must be there already, and so does a copy of a block device.
/// </summary>
public sealed class CopyTargetsCheck : ReadinessCheck
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
        var disks = copies.IsOn ? await CopiedDisks.FindAsync(move, cancellationToken).ConfigureAwait(false) : [];
        var finding = Judge(copies, [.. disks.Where(d => copies.IsIncremental || d.Source.Type is "block")]);
        return disks.Aggregate(finding, (f, d) => f.Seen(move.DestinationName, d.Sighting.What, d.Sighting.Value));
    }

    private static ReadinessFinding Judge(DiskCopies copies, CopiedDisk[] disks)
    {
        if (disks.Length == 0)
        {
            return NotApplicable("NotNeeded");
        }

        if (disks.Where(d => d.Presence == ImagePresence.Missing).ToArray() is { Length: > 0 } missing)
        {
            var names = string.Join(", ", missing.AsEnumerable());
            return copies.IsIncremental
                ? Failed("Missing", names, missing[0].Source.Path)
                : Failed("DeviceMissing", names, missing[0].Source.Path);
        }

        var unknown = disks.Where(d => d.Presence == ImagePresence.Unknown).ToArray();
        return unknown.Length == 0
            ? Passed("Present", string.Join(", ", disks.AsEnumerable()))
            : NotVerified("Unknown", string.Join(", ", unknown.AsEnumerable()));
    }
}
