using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// Checkpoints of incremental backups stay behind when a VM moves, and are dropped with the source's definition. Nothing but what libvirt knows
/// of them is lost by that: the bitmaps that they name are in the qcow2 images.
/// </summary>
public sealed class CheckpointsCheck : ReadinessCheck
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
        var has = (await move.Vm.InspectAsync().ConfigureAwait(false)).HasCheckpoints;
        var finding = !has ? Passed("None") : move.Options.Has(MigrationOptions.UndefineSource) ? Warning("Dropped") : Warning("Some");
        return finding.Seen(move.Vm.Vm.VmHost.Name, "virConnectListAllDomains, checkpoints", has ? "some" : "none");
    }
}
