using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// A VM that was started to end with its client's connection can't move. Libvirt tells nobody which VMs these are; those that keep no
/// definition are the ones that are started so.
/// </summary>
public sealed class AutoDestroyCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var vm = move.Vm.Vm;
        var finding = (move.IsLive, vm.IsPersistent) switch
        {
            (false, _) => NotApplicable("Offline"),
            (_, true) => NotApplicable("Persistent"),
            _ => NotVerified("Transient"),
        };
        return Task.FromResult(finding.Seen(vm.VmHost.Name, "persistent", vm.IsPersistent ? "yes" : "no"));
    }
}
