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
    public override string Subject => "Which hosts start the VM when they boot, before and after the move.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        var there = (await context.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == vm.Uuid);
        var isKept = context.Options.Has(MigrationOptions.Persistent) || there is { IsPersistent: true };
        var finding = (vm.Autostart, isKept, context.Options.Has(MigrationOptions.UndefineSource)) switch
        {
            (true, true, true) => Passed($"'{context.SourceName}' starts the VM when it boots, and '{context.DestinationName}' will from now on."),
            (true, true, false) => Warning(
                $"Autostart stays on at '{context.SourceName}' and is set at '{context.DestinationName}': both would start the VM when they " +
                    $"boot, a second instance beside the first.",
                advice: $"Once the VM has moved: virsh -c {context.SourceUri} autostart --disable {context.VmName}. Or move it with " +
                    $"-UndefineSource."),
            (true, false, true) => Warning(
                $"Autostart is on at '{context.SourceName}', and '{context.DestinationName}' will not have it: it keeps no definition of the VM.",
                advice: $"Move it with -Persistent."),
            (true, false, false) => Warning(
                $"Autostart stays on at '{context.SourceName}', which would start a second instance beside the one on " +
                    $"'{context.DestinationName}' when it boots. '{context.DestinationName}' will not have it: it keeps no definition of the VM.",
                advice: $"Move it with -Persistent, and once it has moved: virsh -c {context.SourceUri} autostart --disable {context.VmName}"),
            _ => there is { Autostart: true }
                ? Warning(
                    $"Autostart is off at '{context.SourceName}', but on at '{context.DestinationName}': it was left enabled there earlier, and " +
                        $"the move does not change it.",
                    advice: $"To turn it off: virsh -c {context.DestinationUri} autostart --disable {ShellWord.Quote(there.Name)}")
                : Passed(
                    $"No host starts the VM when it boots."),
        };
        return finding.Seen(vm.VmHost.Name, "virDomainGetAutostart", vm.Autostart ? "on" : "off")
            .Seen(context.DestinationName, "virDomainGetAutostart", there is null ? "not there" : there.Autostart ? "on" : "off");
    }
}
