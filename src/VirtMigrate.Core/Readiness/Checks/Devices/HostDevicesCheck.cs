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
