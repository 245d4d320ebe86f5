using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// An incremental copy goes into an image that must be there already, and so does a copy of a block device.
/// </summary>
internal sealed class CopyTargetsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "Images that libvirt does not make itself are at the destination (all of an incremental copy, and block devices).";
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
            return NotApplicable($"No disk is copied into what libvirt can't make itself.");
        }

        if (disks.Where(d => d.Presence == ImagePresence.Missing).ToArray() is { Length: > 0 } missing)
        {
            var names = string.Join(", ", missing.AsEnumerable());
            return context.Copies.IsIncremental
                ? Failed(
                    $"An incremental copy needs an image to go into, and '{context.DestinationName}' has none for {names}.",
                    advice: $"Use -CopyStorage All, or make it on '{context.DestinationName}' over the same base image, with the same size: " +
                        $"qemu-img create -f qcow2 -b BASE -F qcow2 {missing[0].Source.Path}",
                    libvirt: $"pre-creation of storage targets for incremental storage migration is not supported")
                : Failed(
                    $"Libvirt can't make the block device that is to be copied into, and '{context.DestinationName}' has none for {names}.",
                    advice: $"Make a volume of the same size at {missing[0].Source.Path} on '{context.DestinationName}', such as with virsh -c " +
                        $"{context.DestinationUri} vol-create-as POOL NAME SIZE",
                    libvirt: $"cannot precreate storage for disk type 'block'");
        }

        var unknown = disks.Where(d => d.Presence == ImagePresence.Unknown).ToArray();
        return unknown.Length == 0
            ? Passed($"'{context.DestinationName}' has what is copied into: {disks}.")
            : NotVerified(
                $"Whether '{context.DestinationName}' has what is to be copied into can't be seen from here: {unknown}.",
                advice: $"Look on '{context.DestinationName}' itself; with an ssh URI, or a storage pool there, this is checked for you.");
    }
}
