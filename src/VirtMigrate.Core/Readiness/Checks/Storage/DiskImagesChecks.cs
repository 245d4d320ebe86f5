using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The destination's QEMU opens every image of the VM's disks, and those behind them, under the same paths.</summary>
internal sealed class DiskImagesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "The destination has the images of the disks that are not copied, and the backing files of all disks, at the same paths.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var images = await NeededImage.FindAsync(context, d => !d.IsRemovable, cancellationToken).ConfigureAwait(false);
        return NeededImage.Seen(Judge(context, images), context, images);
    }

    private static Finding Judge(CheckContext context, IReadOnlyList<NeededImage> images)
    {
        if (images.Count == 0)
        {
            return NotApplicable($"No disk needs an image at the destination.");
        }

        var missing = images.Where(i => i.Presence == ImagePresence.Missing).ToArray();
        var names = string.Join(", ", missing.AsEnumerable().Reverse());
        if (missing.FirstOrDefault(i => !i.IsPerhapsNeeded) is { } needed)
        {
            return context.IsLive
                ? Failed(
                    $"'{context.DestinationName}' lacks images that the VM's disks consist of: {names}.",
                    advice: $"Copy the disks with the VM (-CopyStorage All), or make the images available there at the same paths. To see its pools: virsh " +
                        $"-c {context.DestinationUri} pool-list --details",
                    libvirt: $"{needed.LibvirtError}")
                : Warning(
                    $"'{context.DestinationName}' lacks images that the VM's disks consist of: {names}. The definition can move, but the VM " +
                        $"can't start there.",
                    advice: $"Copy the images to '{context.DestinationName}' before the VM starts there, for example with virsh -c " +
                        $"{context.SourceUri} vol-download and virsh -c {context.DestinationUri} vol-upload");
        }

        if (missing.Length > 0)
        {
            return Warning(
                $"'{context.DestinationName}' lacks backing files of disks that are copied whole: {names}. The copies don't need them, unless " +
                    $"the VM's definition itself names them.",
                advice: $"Check whether the definition has a backingStore: virsh -c {context.SourceUri} dumpxml {context.VmName} --migratable. If " +
                    $"so, put the images there at the same paths.",
                libvirt: $"unable to stat: {missing[0].Source.Path}");
        }

        var unknown = images.Where(i => i.Presence == ImagePresence.Unknown && !i.IsPerhapsNeeded).Reverse().ToArray();
        return unknown.Length == 0 ? Passed($"'{context.DestinationName}' has the images: {images.Reverse()}.")
            : unknown.All(i => i.Source.Type is "network")
                ? NotVerified(
                    $"Can't tell from here whether '{context.DestinationName}' reaches these network disks: {unknown}.",
                    advice: $"Make sure that '{context.DestinationName}' reaches the same storage, for example by a VM there that already uses it.")
            : NotVerified(
                $"Can't tell from here whether '{context.DestinationName}' has these images: {unknown}.",
                advice: $"Check on '{context.DestinationName}' itself (stat), or create a storage pool there (virsh -c {context.DestinationUri} " +
                    $"pool-create-as NAME dir --target DIRECTORY). Or connect to it over qemu+ssh, and this check looks there.",
                libvirt: $"{unknown.First(i => i.Source.Type is not "network").LibvirtError}");
    }
}

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
