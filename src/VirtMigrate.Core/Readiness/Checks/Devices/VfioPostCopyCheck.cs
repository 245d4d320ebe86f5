using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>VFIO devices move neither with post-copy nor where the guest has an IOMMU of its own.</summary>
internal sealed class VfioPostCopyCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "VFIO devices migrate without post-copy, and without an IOMMU in the guest.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var devices = definition.PassedThroughDevices.Where(d => d.IsVfio && !d.IsUnpluggedFirst).ToArray();
        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        if (!context.IsLive || devices.Length == 0 || host.HypervisorVersion < QemuVersions.Vfio)
        {
            return NotApplicable($"No VFIO device is migrated.");
        }

        var names = string.Join(", ", devices.AsEnumerable());
        var finding = context.Options.Has(MigrationOptions.PostCopy)
            ? Failed(
                $"VFIO devices can't migrate when post-copy is allowed: {names}.",
                advice: $"Leave -PostCopy out and choose a policy without it, or unplug the devices first: virsh -c {context.SourceUri} " +
                    $"detach-device {context.VmName} FILE --live",
                libvirt: $"VFIO migration is not supported with postcopy migration")
            : definition.HasIommu
                ? NotVerified(
                    $"The guest has an IOMMU of its own, with which only recent versions of QEMU migrate VFIO devices: {names}.",
                    advice: $"Remove the IOMMU for the VM's next start (virsh -c {context.SourceUri} edit {context.VmName}), or unplug the " +
                        $"devices first.",
                    libvirt: $"Migration is currently not supported with vIOMMU enabled")
            : Passed($"VFIO devices migrate with pre-copy: {names}.");
        return finding.Seen(host.Name, "domain XML", $"{names}; IOMMU: {(definition.HasIommu ? "yes" : "no")}");
    }
}
