using VirtMigrate.Hypervisor;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>What memory VMs take of a host.</summary>
/// <param name="Certain">What is in use now, which the migration writes at the destination, in bytes.</param>
/// <param name="Possible">What the guests may use, in bytes.</param>
internal readonly record struct MemoryNeed(long Certain, long Possible)
{
    /// <summary>What one VM takes of the memory that is not in huge pages.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="destination">The host that it goes to, or has just arrived on.</param>
    /// <returns>The need; nothing for a VM that is shut off or whose memory lies on huge pages.</returns>
    public static async Task<MemoryNeed> OfAsync(VmFacts vm, HostFacts destination)
    {
        if (!vm.Vm.Status.IsActive || (await vm.FindDefinitionAsync(destination).ConfigureAwait(false))?.UsesHugePages == true)
        {
            return default;
        }

        // What no host tells is not certain.
        var resident = await FindResidentAsync(vm, destination).ConfigureAwait(false) ?? 0;
        return new(Math.Min(resident, vm.Vm.Memory), vm.Vm.Memory);
    }

    /// <summary>Adds up what several VMs take.</summary>
    /// <param name="vms">The VMs.</param>
    /// <param name="destination">The host that they go to.</param>
    /// <returns>The sum.</returns>
    public static async Task<MemoryNeed> OfAsync(IEnumerable<VmFacts> vms, HostFacts destination)
    {
        var needs = await Task.WhenAll(vms.Select(v => OfAsync(v, destination))).ConfigureAwait(false);
        return new(needs.Sum(n => n.Certain), needs.Sum(n => n.Possible));
    }

    private static async Task<long?> FindResidentAsync(VmFacts vm, HostFacts destination)
    {
        try
        {
            if ((await vm.InspectAsync().ConfigureAwait(false)).ResidentMemory is { } resident)
            {
                return resident;
            }
        }
        catch (VmNotFoundException)
        {
            // It has moved meanwhile, and the source dropped its definition.
        }

        return (await destination.InspectVmsAsync().ConfigureAwait(false)).GetValueOrDefault(vm.Vm.Uuid)?.ResidentMemory;
    }
}
