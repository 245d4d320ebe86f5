using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// Libvirt takes a VM's autostart along in no migration. What moves the VM sets it at a destination that keeps a definition; the source's
/// stays with the source's definition, and starts a second instance when that host boots.
/// </summary>
public sealed class AutostartCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var vm = move.Vm.Vm;
        var there = (await move.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == vm.Uuid);
        var isKept = move.Options.Has(MigrationOptions.Persistent) || there is { IsPersistent: true };
        var finding = (vm.Autostart, isKept, move.Options.Has(MigrationOptions.UndefineSource)) switch
        {
            (true, true, true) => Passed("Carried"),
            (true, true, false) => Warning("Armed"),
            (true, false, true) => Warning("Dropped"),
            (true, false, false) => Warning("ArmedAndDropped"),
            _ => there is { Autostart: true } ? Warning("ArmedThere", ShellWord.Quote(there.Name)) : Passed("None"),
        };
        return finding.Seen(vm.VmHost.Name, "virDomainGetAutostart", vm.Autostart ? "on" : "off")
            .Seen(move.DestinationName, "virDomainGetAutostart", there is null ? "not there" : there.Autostart ? "on" : "off");
    }
}
