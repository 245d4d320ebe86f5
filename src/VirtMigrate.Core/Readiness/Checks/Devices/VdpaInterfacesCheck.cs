using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

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
