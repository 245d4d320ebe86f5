using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// A host that caches a shared disk may read what the other no longer has. Libvirt refused that until QEMU 4.0 and libvirt 5.6 learned to
/// drop the cache when a VM moves.
/// </summary>
public sealed class CacheModesCheck : ReadinessCheck
{
    private static readonly Version FirstQemu = new(4, 0);
    private static readonly Version FirstLibvirt = new(5, 6);

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var copies = new DiskCopies(move.Options);
        var shared = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives.Where(d =>
            d.Source is not null and not { Type: "network" } && !d.IsReadOnly && !d.IsShareable && !copies.Include(d)).ToArray();
        if (shared.Length == 0)
        {
            return NotApplicable("None");
        }

        var host = await move.Source.GetHostAsync().ConfigureAwait(false);
        var cached = shared.Where(d => d.Cache is not ("none" or "directsync")).ToArray();
        var explicitly = cached.Where(d => d.Cache is not (null or "default")).ToArray();
        var names = string.Join(", ", cached.Select(d => $"{d.Target} ({d.Cache ?? "default"})"));
        var dropsCache = host.HypervisorVersion >= FirstQemu && host.LibvirtVersion >= FirstLibvirt;
        var finding = cached.Length == 0 ? Passed("Uncached")
            : !dropsCache && move.Options.Has(MigrationOptions.Unsafe) ? Warning("Unsafe", names)
            : !dropsCache ? Failed("Cached", names)
            : explicitly.Length > 0 ? Warning("Dropped", string.Join(", ", explicitly.Select(d => $"{d.Target} ({d.Cache})")))
            : Passed("Default", names);
        return finding
            .Seen(host.Name, "domain XML, cache modes", string.Join(", ", shared.Select(d => $"{d.Target}: {d.Cache ?? "default"}")))
            .Seen(host.Name, "QEMU, libvirt", $"{host.HypervisorVersion}, {host.LibvirtVersion}");
    }
}
