using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>What is in the VM's CD-ROM and floppy drives is opened at the destination as well, and is never copied.</summary>
internal sealed class CdromImagesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The destination has the media in the VM's CD-ROM and floppy drives.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var images = await NeededImage.FindAsync(context, d => d.IsRemovable, cancellationToken).ConfigureAwait(false);
        return NeededImage.Seen(Judge(context, images), context, images);
    }

    private static Finding Judge(CheckContext context, IReadOnlyList<NeededImage> images)
    {
        if (images.Count == 0)
        {
            return NotApplicable($"No drive has a medium in it.");
        }

        if (images.Where(i => i.Presence == ImagePresence.Missing).Reverse().ToArray() is { Length: > 0 } missing)
        {
            var names = string.Join(", ", missing.AsEnumerable());
            var stopping = missing.LastOrDefault(i => i.Disk.StartupPolicy is not ("optional" or "requisite"));
            return !context.IsLive
                ? Warning(
                    $"'{context.DestinationName}' lacks the medium of the drive {names}: the definition can move, but the VM can't start there.",
                    advice: $"Eject the medium (virsh -c {context.SourceUri} change-media {context.VmName} {missing[0].Disk.Target} --eject " +
                        $"--config), or put the same file there.")
                : stopping is null
                    ? Warning(
                        $"'{context.DestinationName}' lacks the medium of the drive {names}; the drive will be empty there, as its startupPolicy " +
                            $"allows.",
                        advice: $"If the guest needs the medium, put the same file on '{context.DestinationName}'. Otherwise eject it: virsh -c " +
                            $"{context.SourceUri} change-media {context.VmName} {missing[0].Disk.Target} --eject")
                : Failed(
                    $"'{context.DestinationName}' lacks the medium of the drive {names}, and media are never copied.",
                    advice: $"Eject the medium (virsh -c {context.SourceUri} change-media {context.VmName} {stopping.Disk.Target} --eject), " +
                        $"or put the same file there.",
                    libvirt: $"{stopping.LibvirtError}");
        }

        var unknown = images.Where(i => i.Presence == ImagePresence.Unknown).Reverse().ToArray();
        return unknown.Length == 0
            ? Passed($"'{context.DestinationName}' has the media of the drives: {images.Reverse()}.")
            : NotVerified(
                $"Can't tell from here whether '{context.DestinationName}' has the medium of the drive {unknown}.",
                advice: $"Eject the medium if the guest does not need it (virsh -c {context.SourceUri} change-media {context.VmName} " +
                    $"{unknown[0].Disk.Target} --eject), or check on '{context.DestinationName}' itself. Or connect to it over qemu+ssh, and this " +
                    $"check looks there.");
    }
}
