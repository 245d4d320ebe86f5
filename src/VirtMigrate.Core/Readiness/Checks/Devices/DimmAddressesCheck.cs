using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Memory modules come to the destination at the slots and addresses that they have here, so each must have one.</summary>
internal sealed class DimmAddressesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "Every memory module has the slot and the address that it needs to come to the same place.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.Vm.GetDefinitionAsync().ConfigureAwait(false);
        if (definition.DimmCount == 0)
        {
            return NotApplicable($"The VM has no memory modules (DIMMs).");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"Modules of a VM that is shut off find their places when it starts.");
        }

        return (definition.UnplacedDimmCount == 0
            ? Passed(
                $"All {definition.DimmCount} memory modules have slots and addresses.")
            : Failed(
                $"{definition.UnplacedDimmCount} memory modules have no slot and address that the destination could give them again.",
                advice: $"Restart libvirt's daemon on '{context.SourceName}', so that it asks QEMU for them again, and look at virsh " +
                    $"-c {context.SourceUri} dumpxml {context.VmName}; else restart the VM.",
                libvirt: $"domain's dimm info lacks slot ID or base address"))
            .Seen(context.SourceName, "domain XML, memory modules", $"{definition.DimmCount}, of which {definition.UnplacedDimmCount} without an address");
    }
}
