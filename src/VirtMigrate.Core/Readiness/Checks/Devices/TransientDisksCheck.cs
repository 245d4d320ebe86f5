using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Libvirt moves no running VM with a disk that forgets what was written to it.</summary>
internal sealed class TransientDisksCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No disk is transient.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"The VM is shut off: its transient disks hold no changes.");
        }

        var drives = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var disks = drives.Where(d => d.IsTransient).ToArray();
        return (disks.Length == 0 ? Passed($"No disk is transient.")
        : Failed(
            $"Libvirt does not migrate a running VM with transient disks: {disks}.",
            advice: $"Detach the disk if the guest can do without it (virsh -c {context.SourceUri} detach-disk {context.VmName} " +
                $"{disks[0].Target} --live), or shut the VM down and migrate it with -Offline.",
            libvirt: $"migration with transient disk is not supported"))
            .Seen(context.SourceName, "domain XML, transient disks", disks.Length == 0 ? "none" : string.Join(", ", disks.AsEnumerable()));
    }
}
