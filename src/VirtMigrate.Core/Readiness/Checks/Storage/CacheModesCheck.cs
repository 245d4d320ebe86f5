using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// A host that caches a shared disk may read what the other no longer has. Libvirt refused that until QEMU 4.0 and libvirt 5.6 learned to
/// drop the cache when a VM moves.
/// </summary>
internal sealed class CacheModesCheck : ReadinessCheck
{
    private static readonly Version FirstQemu = new(4, 0);
    private static readonly Version FirstLibvirt = new(5, 6);

    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "Disks that are not copied have a cache mode that is safe for migration.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"The VM is shut off: its disks are not cached.");
        }

        var copies = context.Copies;
        var shared = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives.Where(d =>
            d.Source is not null and not { Type: "network" } && !d.IsReadOnly && !d.IsShareable && !copies.Include(d)).ToArray();
        if (shared.Length == 0)
        {
            return NotApplicable($"The VM does not write to shared disks.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        var cached = shared.Where(d => d.Cache is not ("none" or "directsync")).ToArray();
        var explicitly = cached.Where(d => d.Cache is not (null or "default")).ToArray();
        var names = string.Join(", ", cached.Select(d => $"{d.Target} ({d.Cache ?? "default"})"));
        var dropsCache = host.HypervisorVersion >= FirstQemu && host.LibvirtVersion >= FirstLibvirt;
        var finding = cached.Length == 0 ? Passed($"No disk is cached by the host.")
            : !dropsCache && context.Options.Has(MigrationOptions.Unsafe)
                ? Warning(
                    $"The host caches {names}, which can corrupt data when the VM moves; -Unsafe makes libvirt allow it.",
                    advice: $"Leave -Unsafe out, and set cache='none': virsh -c {context.SourceUri} edit {context.VmName}")
            : !dropsCache
                ? Failed(
                    $"The host caches {names}, and these versions of QEMU and libvirt can't drop the cache when the VM moves.",
                    advice: $"Set cache='none' or cache='directsync' (virsh -c {context.SourceUri} edit {context.VmName}), shut the VM down and " +
                        $"start it again, or copy the disks with -CopyStorage All.",
                    libvirt: $"Migration may lead to data corruption if disks use cache other than none or directsync")
            : explicitly.Length > 0
                ? Warning(
                    $"The host caches {explicitly.Select(d => $"{d.Target} ({d.Cache})")}; QEMU drops the cache when the VM moves, and libvirt " +
                        $"allows it, but cache='none' is recommended for shared disks.",
                    advice: $"Set cache='none' for the VM's next start: virsh -c {context.SourceUri} edit {context.VmName}")
            : Passed($"The hypervisor's default cache mode is safe here, since QEMU drops the cache when the VM moves: {names}.");
        return finding
            .Seen(host.Name, "domain XML, cache modes", string.Join(", ", shared.Select(d => $"{d.Target}: {d.Cache ?? "default"}")))
            .Seen(host.Name, "QEMU, libvirt", $"{host.HypervisorVersion}, {host.LibvirtVersion}");
    }
}
