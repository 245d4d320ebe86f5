using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Network cards that are vDPA devices of the host move only with newer QEMU, and then only where the device can hand over its state.</summary>
public sealed class VdpaInterfacesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var devices = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).VdpaDevices;
        if (devices.Count == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var host = await move.Source.GetHostAsync().ConfigureAwait(false);
        var names = string.Join(", ", devices);
        var finding = QemuVersions.AsksQemu(host) && host.HypervisorVersion >= QemuVersions.Vdpa ? NotVerified("Device", names)
            : Failed("Immovable", names, QemuVersions.AsksQemu(host) ? "vhost lacks VHOST_F_LOG_ALL feature" : "vDPA devices cannot be migrated");
        return finding.Seen(host.Name, "domain XML, vDPA devices", names).Seen(host.Name, "QEMU", host.HypervisorVersion);
    }
}
