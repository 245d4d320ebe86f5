using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>What is in the VM's CD-ROM and floppy drives is opened at the destination as well, and is never copied.</summary>
public sealed class CdromImagesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var images = await NeededImages.FindAsync(move, d => d.IsRemovable, cancellationToken).ConfigureAwait(false);
        return NeededImages.Seen(Judge(move, images), move, images);
    }

    private static ReadinessFinding Judge(ReadinessMove move, IReadOnlyList<NeededImage> images)
    {
        if (images.Count == 0)
        {
            return NotApplicable("Empty");
        }

        if (images.Where(i => i.Presence == ImagePresence.Missing).Reverse().ToArray() is { Length: > 0 } missing)
        {
            var names = string.Join(", ", missing.AsEnumerable());
            var stopping = missing.LastOrDefault(i => i.Disk.StartupPolicy is not ("optional" or "requisite"));
            return !move.IsLive ? Warning("NotStartable", names, missing[0].Disk.Target)
                : stopping is null ? Warning("Dropped", names, missing[0].Disk.Target)
                : Failed("Missing", names, stopping.Disk.Target, stopping.LibvirtError);
        }

        var unknown = images.Where(i => i.Presence == ImagePresence.Unknown).Reverse().ToArray();
        return unknown.Length == 0
            ? Passed("Present", string.Join(", ", images.Reverse()))
            : NotVerified("Unknown", string.Join(", ", unknown.AsEnumerable()), unknown[0].Disk.Target);
    }
}
