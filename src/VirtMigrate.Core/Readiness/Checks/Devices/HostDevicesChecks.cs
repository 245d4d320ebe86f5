using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>A device of the host that the guest has for itself moves only where its driver can hand over its state.</summary>
internal sealed class HostDevicesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No passed-through host device keeps the VM on its host.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var devices = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).PassedThroughDevices;
        if (devices.Count == 0)
        {
            return NotApplicable($"No host device is passed through to the guest.");
        }

        if (!context.IsLive)
        {
            return NotApplicable(
                $"A VM that is shut off can move; '{context.DestinationName}' must have such devices before it starts: {devices}.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        return Judge(context, host, devices)
            .Seen(host.Name, "domain XML", string.Join(", ", devices))
            .Seen(host.Name, "QEMU, libvirt", $"{host.HypervisorVersion}, {host.LibvirtVersion}");
    }

    private static Finding Judge(CheckContext context, VmHost host, IReadOnlyList<PassedThroughDevice> devices)
    {
        var staying = devices.Where(d => !d.IsUnpluggedFirst).ToArray();
        if (QemuVersions.AsksQemu(host))
        {
            var immovable = staying.Where(d => d.Kind is "scsi_host" || (d.IsVfio && host.HypervisorVersion < QemuVersions.Vfio)).ToArray();
            if (immovable.Length > 0)
            {
                return Failed(
                    $"QEMU {host.HypervisorVersion} can't migrate these passed-through host devices: {Names(immovable)}.",
                    advice: $"Unplug them first (virsh -c {context.SourceUri} detach-device {context.VmName} FILE --live), or shut the VM down " +
                        $"and migrate it offline. A network card can have a stand-in: teaming type='transient'.",
                    libvirt: $"{(immovable[0].IsVfio ? "VFIO device doesn't support migration" : "vhost-scsi does not support migration in all cases")}");
            }
        }
        else if (staying.Where(d => d.Kind is not "usb").ToArray() is { Length: > 0 } refused)
        {
            return Failed(
                $"Libvirt {host.LibvirtVersion} does not migrate VMs with passed-through host devices: {Names(refused)}.",
                advice: $"Unplug them first (virsh -c {context.SourceUri} detach-device {context.VmName} FILE --live), or shut the VM down and " +
                    $"migrate it offline.",
                libvirt: $"cannot migrate a domain with " +
                    $"{(refused[0].Kind is "interface" ? "<interface type='hostdev'>" : $"<hostdev mode='subsystem' type='{refused[0].Kind}'>")}");
        }

        if (staying.Where(d => d.IsVfio).ToArray() is { Length: > 0 } vfio)
        {
            return NotVerified(
                $"Can't tell whether the drivers of these devices can hand over their state: {Names(vfio)}.",
                advice: $"See the driver's documentation for VFIO migration, and give '{context.DestinationName}' the same device. Otherwise " +
                    $"unplug them first: virsh -c {context.SourceUri} detach-device {context.VmName} FILE --live",
                libvirt: $"VFIO migration is not supported in kernel");
        }

        var mandatory = staying.Where(d => d.StartupPolicy is not ("optional" or "requisite")).ToArray();
        return mandatory.Length > 0
            ? NotVerified(
                $"The VM can move only to a host that has such devices as well, and that can't be seen from here: {Names(mandatory)}.",
                advice: $"Check: virsh -c {context.DestinationUri} nodedev-list --tree. Or unplug them first: virsh -c {context.SourceUri} " +
                    $"detach-device {context.VmName} FILE --live")
            : Passed(
                $"The hypervisor unplugs the devices before the VM moves, or does without them: {Names(devices)}.");
    }

    private static string Names(IEnumerable<PassedThroughDevice> devices) => string.Join(", ", devices);
}

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

/// <summary>Network cards that are vDPA devices of the host move only with newer QEMU, and then only where the device can hand over its state.</summary>
internal sealed class VdpaInterfacesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No vDPA network interface keeps the VM on its host.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var devices = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).VdpaDevices;
        if (devices.Count == 0)
        {
            return NotApplicable($"The VM has no vDPA network interface.");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves, without any device state.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        var names = string.Join(", ", devices);
        var finding = QemuVersions.AsksQemu(host) && host.HypervisorVersion >= QemuVersions.Vdpa
            ? NotVerified(
                $"Can't tell whether these vDPA devices can hand over their state: {names}.",
                advice: $"See their vendor's documentation, or unplug them first: virsh -c {context.SourceUri} detach-interface " +
                    $"{context.VmName} vdpa --live",
                libvirt: $"vhost lacks VHOST_F_LOG_ALL feature")
            : Failed(
                $"QEMU on '{context.SourceName}' can't migrate vDPA network interfaces: {names}.",
                advice: $"Unplug them first: virsh -c {context.SourceUri} detach-interface {context.VmName} vdpa --live",
                libvirt: $"{(QemuVersions.AsksQemu(host) ? "vhost lacks VHOST_F_LOG_ALL feature" : "vDPA devices cannot be migrated")}");
        return finding.Seen(host.Name, "domain XML, vDPA devices", names).Seen(host.Name, "QEMU", host.HypervisorVersion);
    }
}

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

/// <summary>From which versions on the hypervisor moves, or speaks for, devices of some kinds.</summary>
internal static class QemuVersions
{
    private static readonly Version QemuThatTells = new(6, 0);
    private static readonly Version LibvirtThatAsks = new(7, 2);

    /// <summary>QEMU's first version that moves VFIO devices whose drivers can be moved (vfio/migration.c).</summary>
    public static Version Vfio { get; } = new(8, 1);

    /// <summary>QEMU's first version that can move virtiofs (vhost-user-fs.c).</summary>
    public static Version Virtiofs { get; } = new(8, 2);

    /// <summary>QEMU's first version that can move vDPA devices (vhost-vdpa.c).</summary>
    public static Version Vdpa { get; } = new(8, 0);

    /// <summary>
    /// QEMU's first version of which it was not seen that a source ends (an assertion in util/yank.c) when the destination's QEMU goes while
    /// memory moves over several connections. With 7.2 it was.
    /// </summary>
    public static Version Connections { get; } = new(8, 0);

    /// <summary>Whether libvirt asks QEMU what can't be moved (query-migrate's blocked-reasons), and says it in QEMU's words.</summary>
    public static bool AsksQemu(VmHost host) => host.HypervisorVersion >= QemuThatTells && host.LibvirtVersion >= LibvirtThatAsks;
}
