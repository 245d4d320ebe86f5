using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>NVMe drives that QEMU itself drives are in one host, so that libvirt refuses to move a VM that uses one.</summary>
internal sealed class NvmeDisksCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No passed-through NVMe drive (disk type='nvme') keeps the VM on its host.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives.Where(d => d.Source is { Type: "nvme" }).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"The VM has no passed-through NVMe drive.");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; the drives are needed when the VM starts.");
        }

        var copies = context.Copies;
        var staying = disks.Where(d => !d.IsReadOnly && !copies.Include(d)).ToArray();
        var finding = staying.Length == 0 || context.Options.Has(MigrationOptions.Unsafe)
            ? NotVerified(
                $"'{context.DestinationName}' needs NVMe drives at the same PCI addresses, and that can't be seen from here: {disks}.",
                advice: $"Check: virsh -c {context.DestinationUri} nodedev-list --cap pci")
            : Failed(
                $"These NVMe drives are only in '{context.SourceName}': {staying}.",
                advice: $"Copy them with the VM (-CopyStorage All) to drives at the same PCI addresses of '{context.DestinationName}', or move " +
                    $"the data to shared storage first.",
                libvirt: $"Migration without shared storage is unsafe");
        return finding.Seen(context.SourceName, "domain XML", string.Join(", ", disks.AsEnumerable()));
    }
}
