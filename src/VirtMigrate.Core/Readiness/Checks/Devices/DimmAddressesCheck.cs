using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Memory modules come to the destination at the slots and addresses that they have here, so each must have one.</summary>
internal sealed class DimmAddressesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "Every memory module has the slot and address that it needs to be plugged in at the same place.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.Vm.GetDefinitionAsync().ConfigureAwait(false);
        if (definition.DimmCount == 0)
        {
            return NotApplicable($"The VM has no memory modules (DIMMs).");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"Memory modules of a VM that is shut off get their addresses when it starts.");
        }

        return (definition.UnplacedDimmCount == 0
            ? Passed(
                $"All memory modules have slots and addresses ({definition.DimmCount}).")
            : Failed(
                $"Of the VM's memory modules, {definition.UnplacedDimmCount} have no slot and address, so the destination can't place them.",
                advice: $"Restart libvirt on '{context.SourceName}', so that it asks QEMU for them again, and check: virsh -c " +
                    $"{context.SourceUri} dumpxml {context.VmName}. If they are still missing, restart the VM.",
                libvirt: $"domain's dimm info lacks slot ID or base address"))
            .Seen(context.SourceName, "domain XML, memory modules", $"{definition.DimmCount}, of which {definition.UnplacedDimmCount} without an address");
    }
}
