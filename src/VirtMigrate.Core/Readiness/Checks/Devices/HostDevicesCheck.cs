using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A device of the host that the guest has for itself moves only where its driver can hand over its state.</summary>
public sealed class HostDevicesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var devices = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).PassedThroughDevices;
        if (devices.Count == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline", string.Join(", ", devices));
        }

        var host = await move.Source.GetHostAsync().ConfigureAwait(false);
        return Judge(host, devices)
            .Seen(host.Name, "domain XML", string.Join(", ", devices))
            .Seen(host.Name, "QEMU, libvirt", $"{host.HypervisorVersion}, {host.LibvirtVersion}");
    }

    private static ReadinessFinding Judge(VmHost host, IReadOnlyList<PassedThroughDevice> devices)
    {
        var staying = devices.Where(d => !d.IsUnpluggedFirst).ToArray();
        if (QemuVersions.AsksQemu(host))
        {
            var immovable = staying.Where(d => d.Kind is "scsi_host" || (d.IsVfio && host.HypervisorVersion < QemuVersions.Vfio)).ToArray();
            if (immovable.Length > 0)
            {
                return Failed("Immovable", Names(immovable),
                    immovable[0].IsVfio ? "VFIO device doesn't support migration" : "vhost-scsi does not support migration in all cases");
            }
        }
        else if (staying.Where(d => d.Kind is not "usb").ToArray() is { Length: > 0 } refused)
        {
            return Failed("Refused", Names(refused),
                refused[0].Kind is "interface" ? "<interface type='hostdev'>" : $"<hostdev mode='subsystem' type='{refused[0].Kind}'>");
        }

        if (staying.Where(d => d.IsVfio).ToArray() is { Length: > 0 } vfio)
        {
            return NotVerified("Driver", Names(vfio));
        }

        var mandatory = staying.Where(d => d.StartupPolicy is not ("optional" or "requisite")).ToArray();
        return mandatory.Length > 0 ? NotVerified("Elsewhere", Names(mandatory)) : Passed("Leaving", Names(devices));
    }

    private static string Names(IEnumerable<PassedThroughDevice> devices) => string.Join(", ", devices);
}
