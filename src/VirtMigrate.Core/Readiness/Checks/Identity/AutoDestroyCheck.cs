using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// A VM that was started to end with its client's connection can't move. Libvirt tells nobody which VMs these are; those that keep no
/// definition are the ones that are started so.
/// </summary>
internal sealed class AutoDestroyCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "The VM was not started to end with its client's connection, as far as that can be told.";

    public override Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        var finding = (context.IsLive, vm.IsPersistent) switch
        {
            (false, _) => NotApplicable($"The VM is shut off."),
            (_, true) => NotApplicable(
                $"The VM keeps a definition. Whether it was started to end with a client all the same (virsh start --autodestroy), libvirt does " +
                    $"not report."),
            _ => NotVerified(
                $"The VM keeps no definition, like VMs that are started to end with a client's connection, which libvirt does not report.",
                advice: $"Ask whoever started it: virsh create --autodestroy, and tools that clean up behind themselves, start such VMs. The " +
                    $"migration begins only if it is none, and does no harm otherwise.",
                libvirt: $"domain is marked for auto destroy"),
        };
        return Task.FromResult(finding.Seen(vm.VmHost.Name, "persistent", vm.IsPersistent ? "yes" : "no"));
    }
}
