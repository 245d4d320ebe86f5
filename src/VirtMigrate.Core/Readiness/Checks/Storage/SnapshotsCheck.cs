using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Libvirt moves no VM that has snapshots, running or not.</summary>
public sealed class SnapshotsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var count = await move.Vm.CountSnapshotsAsync().ConfigureAwait(false);
        return (count == 0 ? Passed("None") : Failed("Some", count)).Seen(move.Vm.Vm.VmHost.Name, "virDomainSnapshotNum", count);
    }
}
