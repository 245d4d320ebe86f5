using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>NVMe drives that QEMU itself drives are in one host, so that libvirt refuses to move a VM that uses one.</summary>
internal sealed class NvmeDisksCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No NVMe drive that QEMU itself drives keeps the VM on its host.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives.Where(d => d.Source is { Type: "nvme" }).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable($"The VM has no NVMe drive of the host.");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition of a VM that is shut off moves.");
        }

        var copies = context.Copies;
        var staying = disks.Where(d => !d.IsReadOnly && !copies.Include(d)).ToArray();
        var finding = staying.Length == 0 || context.Options.Has(MigrationOptions.Unsafe)
            ? NotVerified(
                $"'{context.DestinationName}' needs NVMe drives at the same PCI addresses, which can't be seen from here: {disks}.",
                advice: $"Look at virsh -c {context.DestinationUri} nodedev-list --cap pci")
            : Failed(
                $"These drives are in '{context.SourceName}' alone: {staying}.",
                advice: $"Copy them with the VM (-CopyStorage All) into drives at the same PCI addresses of '{context.DestinationName}', or move " +
                    $"the data to shared storage first.",
                libvirt: $"Migration without shared storage is unsafe");
        return finding.Seen(context.SourceName, "domain XML", string.Join(", ", disks.AsEnumerable()));
    }
}
