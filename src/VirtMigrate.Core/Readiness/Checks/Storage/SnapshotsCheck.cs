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
