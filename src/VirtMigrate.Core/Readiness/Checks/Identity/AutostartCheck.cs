using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// Libvirt takes a VM's autostart along in no migration. What moves the VM sets it at a destination that keeps a definition; the source's
/// stays with the source's definition, and starts a second instance when that host boots.
/// </summary>
internal sealed class AutostartCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "Which hosts have autostart on for the VM, before and after the migration.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        var there = (await context.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == vm.Uuid);
        var isKept = context.Options.Has(MigrationOptions.Persistent) || there is { IsPersistent: true };
        var finding = (vm.Autostart, isKept, context.Options.Has(MigrationOptions.UndefineSource)) switch
        {
            (true, true, true) => Passed($"Autostart is on at '{context.SourceName}', and moves to '{context.DestinationName}' with the VM."),
            (true, true, false) => Warning(
                $"Autostart stays on at '{context.SourceName}' and is set at '{context.DestinationName}': at its next boot, " +
                    $"'{context.SourceName}' would start a second instance.",
                advice: $"Once the VM has moved, turn it off: virsh -c {context.SourceUri} autostart --disable {context.VmName}. Or migrate it " +
                    $"with -UndefineSource."),
            (true, false, true) => Warning(
                $"Autostart is on at '{context.SourceName}', and '{context.DestinationName}' will not have it, because it keeps no definition of the VM.",
                advice: $"Migrate it with -Persistent."),
            (true, false, false) => Warning(
                $"Autostart stays on at '{context.SourceName}': at its next boot it would start a second instance beside the one on " +
                    $"'{context.DestinationName}', which will not have autostart, because it keeps no definition of the VM.",
                advice: $"Migrate it with -Persistent, and once it has moved, turn autostart off: virsh -c {context.SourceUri} autostart --disable {context.VmName}"),
            _ => there is { Autostart: true }
                ? Warning(
                    $"Autostart is off at '{context.SourceName}', but on at '{context.DestinationName}': it was left on there earlier, and " +
                        $"the migration does not change it.",
                    advice: $"To turn it off: virsh -c {context.DestinationUri} autostart --disable {ShellWord.Quote(there.Name)}")
                : Passed(
                    $"Autostart is off on both hosts."),
        };
        return finding.Seen(vm.VmHost.Name, "virDomainGetAutostart", vm.Autostart ? "on" : "off")
            .Seen(context.DestinationName, "virDomainGetAutostart", there is null ? "not there" : there.Autostart ? "on" : "off");
    }
}
