using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// Storage that both hosts reach must not be copied: it would be copied onto itself while the guest writes. Libvirt does not look: it copies
/// whatever is neither read-only nor marked shareable.
/// </summary>
public sealed class CopyIntoItselfCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override bool ProtectsData => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var disks = move.IsLive ? await CopiedDisks.FindAsync(move, cancellationToken).ConfigureAwait(false) : [];
        if (disks.Count == 0)
        {
            return NotApplicable("None");
        }

        CopiedDisk[] local = [.. disks.Where(d => d.From.IsLocalPath && d.Source.IsLocalPath && d.Presence != ImagePresence.Missing)];
        var here = await StorageMarks.FindAsync(move.Source, move.Path.SourceShell, [.. local.Select(d => d.From)], cancellationToken).ConfigureAwait(false);
        var there = await StorageMarks.FindAsync(move.Destination, move.Path.DestinationShell, [.. local.Select(d => d.Source)], cancellationToken)
            .ConfigureAwait(false);
        var finding = Judge(move, disks, [.. disks.Select(d => Compare(d, Array.IndexOf(local, d) is >= 0 and var i ? (here[i], there[i]) : null))]);
        return local.Select((d, i) => (Disk: d, Here: here[i], There: there[i])).Aggregate(finding, (f, s) => f
            .Seen(move.Vm.Vm.VmHost.Name, $"identity of {s.Disk.From.Path}", s.Here)
            .Seen(move.DestinationName, $"identity of {s.Disk.Source.Path}", s.There));
    }

    private static SameStorage Compare(CopiedDisk disk, (StorageIdentity Here, StorageIdentity There)? local)
    {
        var verdict = disk switch
        {
            { Presence: ImagePresence.Missing } => SameStorage.Separate,
            _ when local is { } known => known.Here.Compare(known.There),
            { From.Type: "network", Source.Type: "network" } => StorageIdentity.CompareNetwork(disk.From, disk.Source),
            { From.Type: "volume", Source.Type: "volume" } => StorageIdentity.CompareVolumes(disk.From, disk.Source),
            _ => SameStorage.Unknown,
        };

        // An empty file is not the one that holds the guest's data.
        return verdict == SameStorage.Unknown && disk is { IsTargetEmpty: true, HoldsData: true } ? SameStorage.Separate : verdict;
    }

    private static ReadinessFinding Judge(ReadinessMove move, IReadOnlyList<CopiedDisk> disks, SameStorage[] verdicts)
    {
        string Names(Func<SameStorage, bool> which) => string.Join(", ", disks.Where((_, i) => which(verdicts[i])));
        var others = disks.Where((_, i) => verdicts[i] != SameStorage.Same).Select(d => d.Disk.Target).ToArray();
        return verdicts.Max() switch
        {
            SameStorage.Same when others.Length == 0 => Failed("All", Names(v => v == SameStorage.Same)),
            SameStorage.Same => Failed("Same", Names(v => v == SameStorage.Same), string.Join(", ", others)),
            SameStorage.Unknown when move.Options.Has(MigrationOptions.AssumeSeparateStorage) => Warning("Assumed", Names(v => v == SameStorage.Unknown)),
            SameStorage.Unknown => Failed("Unknown", Names(v => v == SameStorage.Unknown)),
            _ => Passed("Separate", string.Join(", ", disks)),
        };
    }
}
