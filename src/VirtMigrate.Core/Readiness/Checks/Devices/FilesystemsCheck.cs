using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A directory of the host that the guest sees keeps the VM there: virtiofs always with older QEMU, 9p while the guest has it mounted.</summary>
public sealed class FilesystemsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var directories = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).SharedDirectories;
        if (directories.Count == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline", string.Join(", ", directories));
        }

        var host = await move.Source.GetHostAsync().ConfigureAwait(false);
        var virtiofs = string.Join(", ", directories.Where(d => d.IsVirtiofs));
        var finding = virtiofs.Length == 0 ? NotVerified("Mounted", string.Join(", ", directories), directories[0].Source)
            : host.HypervisorVersion >= QemuVersions.Virtiofs ? NotVerified("Daemon", virtiofs)
            : Failed("Virtiofs", virtiofs, QemuVersions.AsksQemu(host)
                ? "cannot migrate domain: non-migratable device"
                : "migration with virtiofs device is not supported");
        return finding
            .Seen(host.Name, "domain XML", string.Join(", ", directories.Select(d => $"{(d.IsVirtiofs ? "virtiofs" : "9p")} {d}")))
            .Seen(host.Name, "QEMU", host.HypervisorVersion);
    }
}
