using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Network cards that are vDPA devices of the host move only with newer QEMU, and then only where the device can hand over its state.</summary>
internal sealed class VdpaInterfacesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No network card is a vDPA device that keeps the VM on its host.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var devices = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).VdpaDevices;
        if (devices.Count == 0)
        {
            return NotApplicable($"No network card is a vDPA device.");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"A VM that is shut off takes no device state along.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        var names = string.Join(", ", devices);
        var finding = QemuVersions.AsksQemu(host) && host.HypervisorVersion >= QemuVersions.Vdpa
            ? NotVerified(
                $"Whether these vDPA devices can hand over their state can't be seen: {names}.",
                advice: $"See their vendor's documentation, or take them out first: virsh -c {context.SourceUri} detach-interface " +
                    $"{context.VmName} vdpa --live",
                libvirt: $"vhost lacks VHOST_F_LOG_ALL feature")
            : Failed(
                $"This hypervisor can't move network cards that are vDPA devices: {names}.",
                advice: $"Take them out first: virsh -c {context.SourceUri} detach-interface {context.VmName} vdpa --live",
                libvirt: $"{(QemuVersions.AsksQemu(host) ? "vhost lacks VHOST_F_LOG_ALL feature" : "vDPA devices cannot be migrated")}");
        return finding.Seen(host.Name, "domain XML, vDPA devices", names).Seen(host.Name, "QEMU", host.HypervisorVersion);
    }
}
