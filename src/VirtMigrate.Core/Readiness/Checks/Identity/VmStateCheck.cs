using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The VM must be in a state in which it can be moved as asked.</summary>
public sealed class VmStateCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var vm = move.Vm.Vm;
        var finding = (move.OptionTrouble, vm.Status) switch
        {
            (VmStateException { IsLive: true }, var status) => Failed(status.IsMigratedAway ? "NotHere" : "NotRunning", status),
            (VmStateException, var status) => Failed("Running", status),
            (_, { IsIoError: true } status) => move.Options.Has(MigrationOptions.AbortOnError) ? Failed("IoErrorRefused", status) : Warning("IoError", status),
            (_, { IsMigratedAway: true } status) => Warning("MovedAway", status),
            (_, { State: VmState.Crashed } status) => Warning("Crashed", status),
            (_, { State: VmState.ShuttingDown } status) => Warning("ShuttingDown", status),
            (_, { State: VmState.PmSuspended } status) => Warning("Asleep", status),
            (_, { IsActive: true } status) => Passed("Live", status),
            (_, var status) => Passed("Offline", status),
        };
        return Task.FromResult(finding.Seen(vm.VmHost.Name, "state", vm.Status));
    }
}
