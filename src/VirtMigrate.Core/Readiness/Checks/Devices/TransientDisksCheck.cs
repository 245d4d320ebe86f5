using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Libvirt moves no running VM with a disk that forgets what was written to it.</summary>
public sealed class TransientDisksCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var drives = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var disks = drives.Where(d => d.IsTransient).ToArray();
        return (disks.Length == 0 ? Passed("None") : Failed("Some", string.Join(", ", disks.AsEnumerable()), disks[0].Target))
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, transient disks", disks.Length == 0 ? "none" : string.Join(", ", disks.AsEnumerable()));
    }
}
