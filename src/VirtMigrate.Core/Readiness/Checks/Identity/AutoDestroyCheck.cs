using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// A VM that was started to end with its client's connection can't move. Libvirt tells nobody which VMs these are; those that keep no
/// definition are the ones that are started so.
/// </summary>
internal sealed class AutoDestroyCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "The VM was not started with --autodestroy, as far as that can be seen.";

    public override Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        var finding = (context.IsLive, vm.IsPersistent) switch
        {
            (false, _) => NotApplicable($"The VM is shut off."),
            (_, true) => NotApplicable(
                $"The VM is persistent. Libvirt does not report whether it was nevertheless started with --autodestroy, to end with its client's " +
                    $"connection."),
            _ => NotVerified(
                $"The VM is transient, and may have been started with --autodestroy, to end with its client's connection: libvirt does not " +
                    $"report that.",
                advice: $"Ask whoever started it: virsh create --autodestroy, and tools that clean up after themselves, do this. If it was " +
                    $"started so, libvirt refuses the migration; the VM keeps running.",
                libvirt: $"domain is marked for auto destroy"),
        };
        return Task.FromResult(finding.Seen(vm.VmHost.Name, "persistent", vm.IsPersistent ? "yes" : "no"));
    }
}
