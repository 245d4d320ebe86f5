using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Libvirt refuses to move a running VM that writes to files which only its host has, unless they are copied (qemuMigrationSrcIsSafe).</summary>
internal sealed class SharedStorageCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The disks that are written to and not copied are on storage that both hosts share.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition of a VM that is shut off moves; its disks stay where they are.");
        }

        var copies = context.Copies;
        var written = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives
            .Where(d => d.Source is not null and not { Type: "nvme" } && !d.IsReadOnly).ToArray();
        var used = written.Where(d => !copies.Include(d)).ToArray();
        if (used.Length == 0)
        {
            return written.Length == 0 ? NotApplicable($"The VM does not write to any disk.")
            : Passed(
                $"Every disk that the VM writes to is copied: {written}.");
        }

        var there = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Drives;
        var disks = await Task.WhenAll(used.Select(d => DiskSharing.OfAsync(context, d,
            there.FirstOrDefault(t => string.Equals(t.Target, d.Target, StringComparison.Ordinal))?.Source?.Path, cancellationToken))).ConfigureAwait(false);
        var finding = Judge(context, disks);
        return disks.SelectMany(d => d.Evidence).Aggregate(finding, (f, e) => f.Seen(e.From, e.What, e.Value));
    }

    private static Finding Judge(CheckContext context, DiskSharing[] disks)
    {
        string Named(SharingVerdict verdict) => string.Join(", ", disks.Where(d => d.Verdict == verdict).Select(d => d.Disk));
        var worst = disks.Max(d => d.Verdict);
        var names = Named(worst);
        return worst switch
        {
            SharingVerdict.Apart or SharingVerdict.Unknown when context.Options.Has(MigrationOptions.Unsafe) => Warning(
                $"-Unsafe keeps libvirt from checking whether both hosts share the storage of {names}; if they don't, data is lost.",
                advice: $"Leave -Unsafe out, and copy the disks with -CopyStorage All if they are not shared."),
            SharingVerdict.Apart => Failed(
                $"These disks are not on storage that both hosts share: {names}.",
                advice: $"Copy them with the VM (-CopyStorage All), or move them to storage that both hosts mount at the same path, such as " +
                    $"NFS. -Unsafe is for shared storage that libvirt does not recognize.",
                libvirt: $"Migration without shared storage is unsafe"),
            SharingVerdict.Unknown => NotVerified(
                $"Can't tell from here whether these disks are on storage that both hosts share: {names}.",
                advice: $"Check the file system on '{context.SourceName}': stat " +
                    $"--file-system {disks.First(d => d.Verdict == worst).Disk.Source!.Name}. Libvirt accepts nfs, gfs2, ocfs2, cifs, ceph and " +
                    $"glusterfs; from others, copy the disks with -CopyStorage All. Or connect to '{context.SourceName}' over qemu+ssh, and this " +
                    $"check looks there.",
                libvirt: $"Migration without shared storage is unsafe"),
            SharingVerdict.AnyDevice => NotVerified(
                $"Libvirt assumes that block devices are shared. Can't tell from here whether both hosts have the same ones: {names}.",
                advice: $"Compare on both hosts: lsblk --output NAME,SIZE,SERIAL,WWN"),
            SharingVerdict.LocalDevice => Warning(
                $"These block devices look local, and libvirt does not check that: if '{context.DestinationName}' has others at the same " +
                    $"paths, the VM continues with the wrong data: {names}.",
                advice: $"Copy them with the VM (-CopyStorage All) unless both hosts have the same: lsblk --output NAME,SIZE,SERIAL,WWN"),
            _ => Passed($"Libvirt considers the storage shared: {names}."),
        };
    }
}
