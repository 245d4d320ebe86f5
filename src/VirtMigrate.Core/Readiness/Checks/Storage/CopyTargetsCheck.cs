using VirtMigrate.Planning;

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
