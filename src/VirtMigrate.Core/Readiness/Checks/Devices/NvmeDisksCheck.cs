using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>NVMe drives that QEMU itself drives are in one host, so that libvirt refuses to move a VM that uses one.</summary>
public sealed class NvmeDisksCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var disks = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives.Where(d => d.Source is { Type: "nvme" }).ToArray();
        if (disks.Length == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var copies = new DiskCopies(move.Options);
        var staying = disks.Where(d => !d.IsReadOnly && !copies.Include(d)).ToArray();
        var finding = staying.Length == 0 || move.Options.Has(MigrationOptions.Unsafe)
            ? NotVerified("Elsewhere", string.Join(", ", disks.AsEnumerable()))
            : Failed("Local", string.Join(", ", staying.AsEnumerable()));
        return finding.Seen(move.Vm.Vm.VmHost.Name, "domain XML", string.Join(", ", disks.AsEnumerable()));
    }
}
