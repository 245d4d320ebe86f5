using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The disks that are named to be copied must be disks of the VM, and hold something that it writes to.</summary>
public sealed class MigrateDisksCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var copies = new DiskCopies(move.Options);
        if (!copies.IsOn || copies.Named.Count == 0)
        {
            return NotApplicable("NotNamed");
        }

        var drives = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var unknown = copies.Named.Where(n => !drives.Any(d => string.Equals(d.Target, n, StringComparison.Ordinal))).ToArray();
        var unfit = drives.Where(d => copies.Named.Contains(d.Target, StringComparer.Ordinal) && (d.IsReadOnly || d.Source is null)).ToArray();
        var finding = unknown.Length > 0 ? Failed("Unknown", string.Join(", ", unknown), unknown[0])
            : unfit.Length > 0 ? Failed("Unfit", string.Join(", ", unfit.AsEnumerable()), unfit[0].Target)
            : Passed("Known", string.Join(", ", copies.Named));
        return finding.Seen(move.Vm.Vm.VmHost.Name, "domain XML", string.Join(", ", drives));
    }
}
