using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// Storage that both hosts reach must not be copied: it would be copied onto itself while the guest writes. Libvirt does not look: it copies
/// whatever is neither read-only nor marked shareable.
/// </summary>
internal sealed class CopyIntoItselfCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "Storage that both hosts reach must not be copied: it would be copied onto itself while the guest writes.";
    public override bool CanChange => true;
    public override bool ProtectsData => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = context.IsLive ? await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false) : [];
        if (disks.Count == 0)
        {
            return NotApplicable($"No disk is copied.");
        }

        CopiedDisk[] local = [.. disks.Where(d => d.From.IsLocalPath && d.Source.IsLocalPath && d.Presence != ImagePresence.Missing)];
        var here = await StorageMarks.FindAsync(context.Source, [.. local.Select(d => d.From)], cancellationToken).ConfigureAwait(false);
        var there = await StorageMarks.FindAsync(context.Destination, [.. local.Select(d => d.Source)], cancellationToken)
            .ConfigureAwait(false);
        var finding = Judge(context, disks, [.. disks.Select(d => Compare(d, Array.IndexOf(local, d) is >= 0 and var i ? (here[i], there[i]) : null))]);
        return local.Select((d, i) => (Disk: d, Here: here[i], There: there[i])).Aggregate(finding, (f, s) => f
            .Seen(context.SourceName, $"identity of {s.Disk.From.Path}", s.Here)
            .Seen(context.DestinationName, $"identity of {s.Disk.Source.Path}", s.There));
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

    private static Finding Judge(CheckContext context, IReadOnlyList<CopiedDisk> disks, SameStorage[] verdicts)
    {
        string Names(Func<SameStorage, bool> which) => string.Join(", ", disks.Where((_, i) => which(verdicts[i])));
        var others = disks.Where((_, i) => verdicts[i] != SameStorage.Same).Select(d => d.Disk.Target).ToArray();
        return verdicts.Max() switch
        {
            SameStorage.Same when others.Length == 0 => Failed(
                $"Both hosts reach the same storage for {Names(v => v == SameStorage.Same)}. The copy would write it onto itself and destroy it.",
                advice: $"Leave -CopyStorage out: the hosts share all that would be copied. If they are not the same but clones with the same " +
                    $"identity, create the targets again (lvremove and lvcreate, for instance), so that they get one of their own."),
            SameStorage.Same => Failed(
                $"Both hosts reach the same storage for {Names(v => v == SameStorage.Same)}. The copy would write it onto itself and destroy it.",
                advice: $"Copy only the disks that the hosts do not share: -MigrateDisk {others}. If they are not the same but clones with the " +
                    $"same identity, create the target again (lvremove and lvcreate, for instance), so that it gets one of its own."),
            SameStorage.Unknown when context.Options.Has(MigrationOptions.AssumeSeparateStorage) => Warning(
                $"Whether both hosts reach the same storage for {Names(v => v == SameStorage.Unknown)} is unknown; -AssumeSeparateStorage " +
                    $"treats it as separate.",
                advice: $"Compare on both hosts: lsblk -o NAME,WWN,SERIAL; lvs -o lv_path,lv_uuid; stat -c '%i %n' PATH (equal inodes mean the " +
                    $"same file only on the same file system). Omit -AssumeSeparateStorage when the check passes without it."),
            SameStorage.Unknown => Failed(
                $"Whether both hosts reach the same storage for {Names(v => v == SameStorage.Unknown)} is unknown. If they do, the copy " +
                    $"destroys it.",
                advice: $"Connect to both hosts over ssh and VirtMigrate compares them, or compare them yourself: lsblk -o NAME,WWN,SERIAL; lvs " +
                    $"-o lv_path,lv_uuid; stat -c '%i %n' PATH. If it is the same storage, copy only the other disks: -MigrateDisk. If you know " +
                    $"that it is not: -AssumeSeparateStorage"),
            _ => Passed($"The copied disks and their targets are separate storage: {disks}."),
        };
    }
}
