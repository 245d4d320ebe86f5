using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The destination's QEMU opens every image of the VM's disks, and those behind them, under the same paths.</summary>
public sealed class DiskImagesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var images = await NeededImages.FindAsync(move, d => !d.IsRemovable, cancellationToken).ConfigureAwait(false);
        return NeededImages.Seen(Judge(move, images), move, images);
    }

    private static ReadinessFinding Judge(ReadinessMove move, IReadOnlyList<NeededImage> images)
    {
        if (images.Count == 0)
        {
            return NotApplicable("None");
        }

        var missing = images.Where(i => i.Presence == ImagePresence.Missing).ToArray();
        var names = string.Join(", ", missing.AsEnumerable().Reverse());
        if (missing.FirstOrDefault(i => !i.IsPerhapsNeeded) is { } needed)
        {
            return move.IsLive ? Failed("Missing", names, needed.LibvirtError) : Warning("NotStartable", names);
        }

        if (missing.Length > 0)
        {
            return Warning("BehindCopy", names, missing[0].Source.Path);
        }

        var unknown = images.Where(i => i.Presence == ImagePresence.Unknown && !i.IsPerhapsNeeded).Reverse().ToArray();
        return unknown.Length == 0 ? Passed("Present", string.Join(", ", images.Reverse()))
            : unknown.All(i => i.Source.Type is "network") ? NotVerified("Network", string.Join(", ", unknown.AsEnumerable()))
            : NotVerified("Unknown", string.Join(", ", unknown.AsEnumerable()), unknown.First(i => i.Source.Type is not "network").LibvirtError);
    }
}
