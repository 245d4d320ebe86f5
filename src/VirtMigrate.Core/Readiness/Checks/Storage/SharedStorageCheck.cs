using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Libvirt refuses to move a running VM that writes to files which only its host has, unless they are copied (qemuMigrationSrcIsSafe).</summary>
public sealed class SharedStorageCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var copies = new DiskCopies(move.Options);
        var written = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives
            .Where(d => d.Source is not null and not { Type: "nvme" } && !d.IsReadOnly).ToArray();
        var used = written.Where(d => !copies.Include(d)).ToArray();
        if (used.Length == 0)
        {
            return written.Length == 0 ? NotApplicable("None") : Passed("Copied", string.Join(", ", written.AsEnumerable()));
        }

        var there = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Drives;
        var disks = await Task.WhenAll(used.Select(d => DiskSharing.OfAsync(move, d,
            there.FirstOrDefault(t => string.Equals(t.Target, d.Target, StringComparison.Ordinal))?.Source?.Path, cancellationToken))).ConfigureAwait(false);
        var finding = Judge(move, disks);
        return disks.SelectMany(d => d.Evidence).Aggregate(finding, (f, e) => f.Seen(e.From, e.What, e.Value));
    }

    private static ReadinessFinding Judge(ReadinessMove move, DiskSharing[] disks)
    {
        string Named(SharingVerdict verdict) => string.Join(", ", disks.Where(d => d.Verdict == verdict).Select(d => d.Disk));
        var worst = disks.Max(d => d.Verdict);
        var names = Named(worst);
        return worst switch
        {
            SharingVerdict.Apart or SharingVerdict.Unknown when move.Options.Has(MigrationOptions.Unsafe) => Warning("Unsafe", names),
            SharingVerdict.Apart => Failed("Apart", names),
            SharingVerdict.Unknown => NotVerified("Unknown", names, disks.First(d => d.Verdict == worst).Disk.Source!.Name),
            SharingVerdict.AnyDevice => NotVerified("AnyDevice", names),
            SharingVerdict.LocalDevice => Warning("LocalDevice", names),
            _ => Passed("Shared", names),
        };
    }
}
