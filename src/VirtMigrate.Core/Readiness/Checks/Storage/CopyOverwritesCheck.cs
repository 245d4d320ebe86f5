using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// A copied disk overwrites what is in its image at the destination. Libvirt does not look whose that is: on cloned hosts another VM's disk has
/// the same path.
/// </summary>
public sealed class CopyOverwritesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override bool ProtectsData => true;

    // From harmless to worst.
    private enum Target
    {
        Free,
        Empty,
        Own,
        Content,
        Unseen,
        Unread,
        Claimed,
        Host,
        Backing,
        Taken,
    }

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var disks = move.IsLive ? await CopiedDisks.FindAsync(move, cancellationToken).ConfigureAwait(false) : [];
        if (disks.Count == 0)
        {
            return NotApplicable("None");
        }

        var claims = await ImageClaims.GatherAsync(move, disks, cancellationToken).ConfigureAwait(false);
        var ahead = new List<(CopiedDisk Disk, Vm Vm)>();
        foreach (var vm in move.Ahead.Where(v => v.Vm.Uuid != move.Vm.Vm.Uuid))
        {
            ahead.AddRange((await CopiedDisks.FindAheadAsync(move, vm, cancellationToken).ConfigureAwait(false)).Select(d => (d, vm.Vm)));
        }

        var finding = Judge(move, [.. disks.Select(d => Look(move, d, claims, ahead))]);
        return disks.Aggregate(finding, (f, d) => f
            .Seen(move.DestinationName, d.Sighting.What, d.Sighting.Value)
            .Seen(move.DestinationName, $"domain XML of every VM, and pools, naming {d.Source.Name}", Describe(claims.Find(d.Source, d.Presence != ImagePresence.Missing, move.Vm.Vm.Uuid))));
    }

    private static (CopiedDisk Disk, Target Target, IReadOnlyList<string> Names) Look(
        ReadinessMove move, CopiedDisk disk, ImageClaims claims, List<(CopiedDisk Disk, Vm Vm)> ahead)
    {
        var (claim, names) = claims.Find(disk.Source, disk.Presence != ImagePresence.Missing, move.Vm.Vm.Uuid);
        var other = ahead.Find(a => a.Disk.Source.Path is { } theirs && disk.Source.Path is { } ours
            ? claims.IsOne(theirs, ours)
            : string.Equals(a.Disk.Source.Name, disk.Source.Name, StringComparison.Ordinal)).Vm;
        var target = (claim, disk.Presence) switch
        {
            (ImageClaim.Domain, _) => Target.Taken,
            (ImageClaim.Backing, _) => Target.Backing,
            (ImageClaim.Host, _) => Target.Host,
            _ when other is not null => Target.Claimed,
            (ImageClaim.Unread, _) => Target.Unread,
            (_, ImagePresence.Missing) => Target.Free,
            (ImageClaim.Own, _) => Target.Own,
            (_, ImagePresence.Unknown) => Target.Unseen,
            _ => disk.IsTargetEmpty ? Target.Empty : Target.Content,
        };
        return (disk, target, target == Target.Claimed ? [$"{other!.Name} of {other.VmHost.Name}"] : names);
    }

    private static ReadinessFinding Judge(ReadinessMove move, (CopiedDisk Disk, Target Target, IReadOnlyList<string> Names)[] disks)
    {
        var worst = disks.Max(d => d.Target);
        var those = disks.Where(d => d.Target == worst).ToArray();
        var names = string.Join(", ", those.Select(d => d.Disk));
        var others = Names.Join(those.SelectMany(d => d.Names).Distinct(StringComparer.Ordinal));
        var path = new CommandWord(those[0].Disk.Source.Path ?? those[0].Disk.Source.Name);
        return worst switch
        {
            Target.Free => Passed("Free", names),
            Target.Empty => Passed("Empty", names),
            Target.Own => Warning("Own", names, path),
            Target.Content or Target.Unseen when move.Options.Has(MigrationOptions.Overwrite) => Warning("Overwritten", names, path),
            Target.Content => Failed("Content", names, path),
            Target.Unseen => Failed("Unseen", names, path),
            Target.Unread => Failed("Unread", names, others),
            Target.Claimed => Failed("Claimed", names, others),
            Target.Host => Failed("Host", names, others, path),
            Target.Backing => Failed("Backing", names, others, path),
            _ => Failed("Taken", names, others, new CommandWord(those[0].Names[0])),
        };
    }

    private static string Describe((ImageClaim Claim, IReadOnlyList<string> Names) found) => found.Claim switch
    {
        ImageClaim.None => "none",
        ImageClaim.Own => "this VM's own definition there",
        ImageClaim.Backing => $"backing file of {Names.Join(found.Names)}",
        ImageClaim.Host => $"in use by the host: {Names.Join(found.Names)}",
        ImageClaim.Unread => $"not to be told because of {Names.Join(found.Names)}",
        _ => Names.Join(found.Names),
    };
}
