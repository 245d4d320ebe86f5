using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness;

/// <summary>VMs as their destination sees them.</summary>
internal static class ReadinessArrival
{
    /// <summary>The definition of a VM that goes to the destination or has just arrived there, so that its source may have none any more.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="destination">The destination.</param>
    /// <returns>The definition; null where neither host has one.</returns>
    public static async Task<DomainDefinition?> FindDefinitionAsync(this VmFacts vm, HostFacts destination)
    {
        try
        {
            return await vm.GetDefinitionAsync().ConfigureAwait(false);
        }
        catch (VmNotFoundException)
        {
            return (await destination.GetDefinitionsAsync().ConfigureAwait(false)).GetValueOrDefault(vm.Vm.Uuid);
        }
    }

    /// <summary>Asks the destination what it has for the kind of guest that the VM is.</summary>
    /// <param name="move">The migration.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>What it has, or why it has no such guests.</returns>
    /// <exception cref="HypervisorException">The destination can't be asked.</exception>
    public static async Task<(DomainCapabilities? Offer, HypervisorException? Refusal)> OfferAsync(this ReadinessMove move, GuestKind kind)
    {
        try
        {
            return (await move.Destination.GetDomainCapabilitiesAsync(kind).ConfigureAwait(false), null);
        }
        catch (HypervisorException e) when (e.GetType() == typeof(HypervisorException) && e.Error is not null)
        {
            // Trouble on the way to the host, and calls that it does not know, have types of their own.
            return (null, e);
        }
    }
}
