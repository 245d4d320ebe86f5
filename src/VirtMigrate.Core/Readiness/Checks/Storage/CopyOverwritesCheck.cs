using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// A copied disk overwrites what is in its image at the destination. Libvirt does not look whose that is: on cloned hosts another VM's disk has
/// the same path.
/// </summary>
internal sealed class CopyOverwritesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "A copy overwrites what is in the disk's image at the destination: another VM's disk, or whatever else is there.";
    public override bool CanChange => true;
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

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var disks = context.IsLive ? await context.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false) : [];
        if (disks.Count == 0)
        {
            return NotApplicable($"No disk is copied.");
        }

        var claims = await ImageClaims.GatherAsync(context, disks, cancellationToken).ConfigureAwait(false);
        var ahead = new List<(CopiedDisk Disk, Vm Vm)>();
        foreach (var vm in context.Ahead.Where(v => v.Vm.Uuid != context.Vm.Vm.Uuid))
        {
            ahead.AddRange((await CopiedDisk.FindAheadAsync(context, vm, cancellationToken).ConfigureAwait(false)).Select(d => (d, vm.Vm)));
        }

        Look[] looks = [.. disks.Select(d => LookAt(context, d, claims, ahead))];
        return looks.Aggregate(Judge(context, looks), (f, l) => f
            .Seen(context.DestinationName, l.Disk.Sighting.What, l.Disk.Sighting.Value)
            .Seen(context.DestinationName, $"domain XML of every VM, and pools, naming {l.Disk.Source.Name}", l.Claim));
    }

    private static Look LookAt(
        CheckContext context, CopiedDisk disk, ImageClaims claims, List<(CopiedDisk Disk, Vm Vm)> ahead)
    {
        var (claim, names) = claims.Find(disk.Source, disk.Presence != ImagePresence.Missing, context.Vm.Vm.Uuid);
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
        return new(disk, target, target == Target.Claimed ? [$"{other!.Name} of {other.VmHost.Name}"] : names, Describe(claim, names));
    }

    private static Finding Judge(CheckContext context, Look[] looks)
    {
        var worst = looks.Max(d => d.Target);
        var those = looks.Where(d => d.Target == worst).ToArray();
        var names = string.Join(", ", those.Select(d => d.Disk));
        var others = Quote(those.SelectMany(d => d.Names).Distinct(StringComparer.Ordinal));
        var path = new CommandWord(those[0].Disk.Source.Path ?? those[0].Disk.Source.Name);
        FindingText keep = $"To keep what is there, copy the image first: virsh -c {context.DestinationUri} vol-clone --vol {path} --newname NAME";
        return worst switch
        {
            Target.Free => Passed($"The target images do not exist on {context.DestinationName} yet, and no VM there uses their paths: {names}."),
            Target.Empty => Passed($"The target images on {context.DestinationName} are empty: {names}."),
            Target.Own => Warning(
                $"The copy overwrites {names} on {context.DestinationName}. Only the definition of '{context.VmName}' there uses it.",
                advice: keep),
            Target.Content or Target.Unseen when context.Options.Has(MigrationOptions.Overwrite) => Warning(
                $"The copy overwrites {names} on {context.DestinationName} because of -Overwrite. No VM there uses it.",
                advice: keep),
            Target.Content => Failed(
                $"{names} on {context.DestinationName} already holds data, and no VM there uses it. The copy would overwrite it.",
                advice: $"Check what it is: virsh -c {context.DestinationUri} vol-dumpxml --vol {path}, or qemu-img info on " +
                    $"{context.DestinationName}. If nobody needs it, delete it or give -Overwrite. If somebody does, give the disk another path " +
                    $"with -DestinationXml and -PersistentXml."),
            Target.Unseen => Failed(
                $"Can't tell from here what {context.DestinationName} has at {names}. The copy may overwrite data.",
                advice: $"Connect to {context.DestinationName} over ssh, or start a storage pool there for the directory of {path}, and check " +
                    $"again. If nothing there is needed: -Overwrite."),
            Target.Unread => Failed(
                $"Can't tell whether anything on {context.DestinationName} uses {names}, because of {others}.",
                advice: $"For a pool: virsh -c {context.DestinationUri} pool-refresh, or pool-destroy where it is broken (that only stops it). " +
                    $"For a VM that uses a device by another name: connect to {context.DestinationName} over ssh, so that the devices can be " +
                    $"compared."),
            Target.Claimed => Failed(
                $"{others}, which this command moves before '{context.VmName}', is copied to {names} on {context.DestinationName} too.",
                advice: $"Give one of the two disks another path with -DestinationXml and -PersistentXml, in a command of its own."),
            Target.Host => Failed(
                $"{names} is a device that {context.DestinationName} itself uses: {others}. The copy would destroy what is on it.",
                advice: $"Give the disk another target with -DestinationXml and -PersistentXml, or free the device: lsblk {path}. No option " +
                    $"overrides this."),
            Target.Backing => Failed(
                $"{names} on {context.DestinationName} is the backing file of {others}. The copy would destroy those images.",
                advice: $"Give the disk another path with -DestinationXml and -PersistentXml. No option overrides this."),
            _ => Failed(
                $"{names} on {context.DestinationName} is used by the definition of another VM: {others}. The copy would destroy that VM's data.",
                advice: $"Give this disk another path with -DestinationXml and -PersistentXml, or move the other VM's disk: virsh -c " +
                    $"{context.DestinationUri} domblklist {new CommandWord(those[0].Names[0])}. No option overrides this."),
        };
    }

    private static string Describe(ImageClaim claim, IReadOnlyList<string> names) => claim switch
    {
        ImageClaim.None => "none",
        ImageClaim.Own => "this VM's own definition there",
        ImageClaim.Backing => $"backing file of {Quote(names)}",
        ImageClaim.Host => $"in use by the host: {Quote(names)}",
        ImageClaim.Unread => $"unknown, because of {Quote(names)}",
        _ => Quote(names),
    };

    private sealed record Look(CopiedDisk Disk, Target Target, IReadOnlyList<string> Names, string Claim);
}
