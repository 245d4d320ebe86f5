using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The disks that are named to be copied must be disks of the VM, and hold something that it writes to.</summary>
internal sealed class MigrateDisksCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The disks that -MigrateDisk names are disks of the VM that it can write to.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var copies = context.Copies;
        if (!copies.IsOn || copies.Named.Count == 0)
        {
            return NotApplicable($"No disks are named.");
        }

        var drives = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var unknown = copies.Named.Where(n => !drives.Any(d => string.Equals(d.Target, n, StringComparison.Ordinal))).ToArray();
        var unfit = drives.Where(d => copies.Named.Contains(d.Target, StringComparer.Ordinal) && (d.IsReadOnly || d.Source is null)).ToArray();
        var finding = unknown.Length > 0
            ? Failed(
                $"The VM has no disk {unknown}.",
                advice: $"Give targets that the VM has: virsh -c {context.SourceUri} domblklist {context.VmName}",
                libvirt: $"disk target {unknown[0]} not found")
            : unfit.Length > 0
                ? Failed(
                    $"Empty drives and those that the guest can't write to are never copied: {unfit}.",
                    advice: $"Leave it out of -MigrateDisk; its medium must already be on '{context.DestinationName}'.",
                    libvirt: $"Cannot migrate empty or read-only disk {unfit[0].Target}")
            : Passed($"The VM has the disks that are named: {copies.Named}.");
        return finding.Seen(context.SourceName, "domain XML", string.Join(", ", drives));
    }
}
