using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Checkpoints of incremental backups stay behind when a VM moves.</summary>
public sealed class CheckpointsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var has = (await move.Vm.InspectAsync().ConfigureAwait(false)).HasCheckpoints;
        return (has ? Warning("Some") : Passed("None")).Seen(move.Vm.Vm.VmHost.Name, "virConnectListAllDomains, checkpoints", has ? "some" : "none");
    }
}
