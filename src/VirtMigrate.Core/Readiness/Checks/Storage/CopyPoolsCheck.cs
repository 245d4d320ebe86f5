using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>To make the image that a disk is copied into, libvirt needs a storage pool in its directory (virStoragePoolLookupByTargetPath).</summary>
internal sealed class CopyPoolsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "If libvirt must create images for copied disks, the destination has an active storage pool in their directory.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var copies = context.Copies;
        var disks = !copies.IsOn || copies.IsIncremental ? []
            : (await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false)).Where(d => d.Source.Type is "file").ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"Libvirt creates no image at the destination.");
        }

        var finding = await JudgeAsync(context, disks).ConfigureAwait(false);
        return disks.Aggregate(finding, (f, d) => f.Seen(context.DestinationName, d.Sighting.What, d.Sighting.Value));
    }

    private static async Task<Finding> JudgeAsync(CheckContext context, CopiedDisk[] disks)
    {
        var poolless = disks.Where(d => d.Sighting.Pool is null && d.Presence != ImagePresence.Present).ToArray();
        if (poolless.Length == 0)
        {
            return Passed(
                $"'{context.DestinationName}' has storage pools for the copies: " +
                    $"{disks.Select(d => d.Sighting.Pool?.Name ?? d.Source.Path).Distinct(StringComparer.Ordinal)}.");
        }

        var first = poolless.FirstOrDefault(d => d.Presence == ImagePresence.Missing) ?? poolless[0];
        var directory = Path.GetDirectoryName(first.Source.Path);
        var names = string.Join(", ", poolless.AsEnumerable());
        var pools = await StoragePools.ListAsync(context.Destination).ConfigureAwait(false);
        var stopped = pools.FirstOrDefault(p => !p.IsActive && string.Equals(p.TargetPath, directory, StringComparison.Ordinal))?.Name;
        return (first.Presence, stopped) switch
        {
            (ImagePresence.Missing, null) => Failed(
                $"'{context.DestinationName}' has no storage pool at {directory}, so libvirt can't create the target images there: " +
                    $"{names}.",
                advice: $"Create one: virsh -c {context.DestinationUri} pool-create-as migrated dir --target {directory}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            (ImagePresence.Missing, _) => Failed(
                $"The storage pool {stopped} of '{context.DestinationName}' at {directory} is not active, so libvirt can't create the " +
                    $"target images there: {names}.",
                advice: $"Start it: virsh -c {context.DestinationUri} pool-start {stopped}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            (_, null) => NotVerified(
                $"'{context.DestinationName}' has no storage pool at {directory}: libvirt can't create {names} there. Can't tell from here " +
                    $"whether it already exists.",
                advice: $"Create one (virsh -c {context.DestinationUri} pool-create-as migrated dir --target {directory}), or make sure that the " +
                    $"image exists, with the same size.",
                libvirt: $"no storage pool with matching target path '{directory}'"),
            _ => NotVerified(
                $"The storage pool {stopped} of '{context.DestinationName}' at {directory} is not active: libvirt can't create {names} there. " +
                    $"Can't tell whether it already exists.",
                advice: $"Start it: virsh -c {context.DestinationUri} pool-start {stopped}",
                libvirt: $"no storage pool with matching target path '{directory}'"),
        };
    }
}
