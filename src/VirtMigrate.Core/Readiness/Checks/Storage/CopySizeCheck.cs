using System.Globalization;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>QEMU copies a disk only into an image of the very same size.</summary>
internal sealed class CopySizeCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The target images of copied disks have the same size as the disks.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(d => d.Presence == ImagePresence.Present).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"No disk is copied to an image that already exists.");
        }

        var pairs = disks.Select(d => (Disk: d, Here: d.Image?.Capacity, There: d.Volume?.Capacity)).ToArray();
        var finding = Judge(context, pairs);
        return pairs.Aggregate(finding, (f, p) => f
            .Seen(context.SourceName, $"domstats, capacity of {p.Disk.Disk.Target}", ToText(p.Here))
            .Seen(context.DestinationName, $"virStorageVolGetInfo, capacity of {p.Disk.Source.Path}", ToText(p.There)));
    }

    private static Finding Judge(CheckContext context, (CopiedDisk Disk, long? Here, long? There)[] pairs)
    {
        if (pairs.Where(p => p.Here is not null && p.There is not null && p.Here != p.There).ToArray() is [var first, ..] others)
        {
            var sizes = string.Join(", ", others.Select(o => $"{o.Disk} {ToText(o.Here)} here and {ToText(o.There)} there"));
            return Failed(
                $"A disk can be copied only to an image of the same size, and these differ: {sizes}.",
                advice: $"If nobody needs the image on '{context.DestinationName}', remove it, and libvirt creates one that fits; or resize it " +
                    $"there: qemu-img resize {first.Disk.Source.Path} {first.Here}",
                libvirt: $"Source and target image have different sizes");
        }

        var unknown = pairs.Where(p => p.Here is null || p.There is null).Select(p => p.Disk).ToArray();
        return unknown.Length == 0
            ? Passed($"The images at '{context.DestinationName}' have the same sizes: {pairs.Select(p => p.Disk)}.")
            : NotVerified(
                $"The target image of {unknown} exists, but one of the hosts does not report the size, which must be the same.",
                advice: $"Compare the sizes: virsh -c {context.SourceUri} domblkinfo {context.VmName} --all, and on '{context.DestinationName}' " +
                    $"qemu-img info {unknown[0].Source.Path}",
                libvirt: $"Source and target image have different sizes");
    }

    private static string ToText(long? size) => size is { } bytes ? $"{bytes.ToString(CultureInfo.InvariantCulture)} bytes" : "not reported";
}
