using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Libvirt moves no VM that has snapshots, running or not.</summary>
internal sealed class SnapshotsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The VM has no snapshots.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var count = await context.Vm.CountSnapshotsAsync().ConfigureAwait(false);
        return (count == 0 ? Passed($"The VM has no snapshots.")
        : Failed(
            $"Libvirt does not migrate a VM that has snapshots, and this one has {count}.",
            advice: $"To see them: virsh -c {context.SourceUri} snapshot-list {context.VmName}. If you can do without them, delete each (the state " +
                $"that it holds is lost): virsh -c {context.SourceUri} snapshot-delete {context.VmName} NAME. To keep the images of external " +
                $"ones and remove only libvirt's record of them, add --metadata.",
            libvirt: $"cannot migrate domain with {count} snapshots")).Seen(context.SourceName, "virDomainSnapshotNum", count);
    }
}

/// <summary>
/// Checkpoints of incremental backups stay behind when a VM moves, and are dropped with the source's definition. Nothing but what libvirt knows
/// of them is lost by that: the bitmaps that they name are in the qcow2 images.
/// </summary>
internal sealed class CheckpointsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "The VM has no checkpoints of incremental backups.";
    public override bool CanChange => true;
    public override bool ProtectsData => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var has = (await context.Vm.InspectAsync().ConfigureAwait(false)).HasCheckpoints;
        var finding = !has
            ? Passed(
                $"The VM has no checkpoints.") : context.Options.Has(MigrationOptions.UndefineSource)
                    ? Warning(
                        $"With -UndefineSource '{context.SourceName}' drops the VM's checkpoints with its definition. " +
                            $"'{context.DestinationName}' won't have them, so the next backup there must be full, unless you redefine them " +
                            $"there.",
                        advice: $"Save each of them before the migration: virsh -c {context.SourceUri} checkpoint-list {context.VmName} --name " +
                            $"--topological; virsh -c {context.SourceUri} checkpoint-dumpxml {context.VmName} NAME > NAME.xml. Where the disks " +
                            $"are shared, redefine them after it, the oldest first: virsh -c {context.DestinationUri} checkpoint-create " +
                            $"{context.VmName} NAME.xml --redefine. Otherwise make a full backup.")
                    : Warning(
                        $"The VM's checkpoints stay on '{context.SourceName}'. '{context.DestinationName}' won't have them, so the next " +
                            $"backup there must be full, unless you redefine them there.",
                        advice: $"Save each of them before the migration: virsh -c {context.SourceUri} checkpoint-list {context.VmName} --name " +
                            $"--topological; virsh -c {context.SourceUri} checkpoint-dumpxml {context.VmName} NAME > NAME.xml. Where the disks " +
                            $"are shared, redefine them after it, the oldest first: virsh -c {context.DestinationUri} checkpoint-create " +
                            $"{context.VmName} NAME.xml --redefine. Otherwise make a full backup.");
        return finding.Seen(context.SourceName, "virConnectListAllDomains, checkpoints", has ? "some" : "none");
    }
}
