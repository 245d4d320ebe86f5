using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// The destination needs memory for what the guest uses, beside what the VMs take that go there before it. Memory that the guest has
/// never touched is not moved, so that a guest can move to a host that has less than the guest may use.
/// </summary>
internal sealed class MemoryCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Capacity;
    public override string Subject => "The destination has free memory for the guest, besides what the VMs that go there first need.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; memory is taken when the VM starts.");
        }

        if ((await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).UsesHugePages)
        {
            return NotApplicable($"The guest's memory is in huge pages; see the check HugePages.");
        }

        var host = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var available = await context.Destination.GetAvailableMemoryAsync().ConfigureAwait(false);
        var own = await MemoryNeed.OfAsync(context.Vm, context.Destination).ConfigureAwait(false);
        var ahead = await MemoryNeed.OfAsync(context.Ahead, context.Destination).ConfigureAwait(false);

        // Some hosts count less in their NUMA cells than is free.
        var all = Math.Max(host.Memory, available);
        var (most, count) = (Math.Max(context.Vm.Vm.MaxMemory, context.Vm.Vm.Memory), context.Ahead.Count);
        var finding = (own, ahead) switch
        {
            // More than the whole host has, the kernel refuses to promise, whatever is used of it.
            _ when most > all => Failed(
                $"The guest has up to {Units.Size(most)} of memory, more than the {Units.Size(all)} of '{context.DestinationName}'.",
                advice: $"Choose a larger destination, or give the guest less when it is shut off: virsh -c {context.SourceUri} setmaxmem " +
                    $"{context.VmName} 4G --config",
                libvirt: $"Cannot allocate memory"),
            _ when own.Certain > available => Failed(
                $"The guest uses {Units.Size(own.Certain)} of memory now, and '{context.DestinationName}' has {Units.Size(available)} free.",
                advice: $"To see what is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                    $"destination; to see which are ready: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri}",
                libvirt: $"Cannot allocate memory"),
            _ when own.Certain + ahead.Certain > available =>
                Failed(
                    $"The guest uses {Units.Size(own.Certain)} of memory now; '{context.DestinationName}' has {Units.Size(available)} free, " +
                        $"of which {Units.Count(count, "VM that goes first uses", "VMs that go first use")} {Units.Size(ahead.Certain)}. Alone " +
                        $"the guest would fit.",
                    advice: $"To see what is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                        $"destination; to see which are ready: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri}",
                    libvirt: $"Cannot allocate memory"),
            _ when own.Possible > available => Warning(
                $"The guest may use {Units.Size(own.Possible)} of memory, and '{context.DestinationName}' has {Units.Size(available)} free: " +
                    $"it fits as long as the guest does not use all of it.",
                advice: $"To see what is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                    $"destination; to see which are ready: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri}"),
            _ when own.Possible + ahead.Possible > available =>
                Warning(
                    $"The guest may use {Units.Size(own.Possible)} of memory; '{context.DestinationName}' has {Units.Size(available)} free, " +
                        $"of which {Units.Count(count, "VM that goes first", "VMs that go first")} may use {Units.Size(ahead.Possible)}: they all " +
                        $"fit only as long as they don't use all of it.",
                    advice: $"To see what is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                        $"destination; to see which are ready: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri}"),
            _ when count > 0 => Passed(
                $"'{context.DestinationName}' has {Units.Size(available)} of memory free for the guest's {Units.Size(own.Possible)} and the " +
                    $"{Units.Size(ahead.Possible)} of {Units.Count(count, "VM that goes first", "VMs that go first")}."),
            _ => Passed($"'{context.DestinationName}' has {Units.Size(available)} of memory free for the guest's {Units.Size(own.Possible)}."),
        };
        return finding
            .Seen(context.SourceName, "memory: in use, current, maximum",
                $"{Units.Size(own.Certain)}, {Units.Size(own.Possible)}, {Units.Size(most)}")
            .Seen(context.SourceName, $"memory of {Units.Count(count, "VM that goes first", "VMs that go first")}: in use, current", $"{Units.Size(ahead.Certain)}, {Units.Size(ahead.Possible)}")
            .Seen(context.DestinationName, "nodememstats: free, cached and buffers", Units.Size(available))
            .Seen(context.DestinationName, "nodeinfo, memory", Units.Size(host.Memory));
    }
}

/// <summary>What memory VMs take of a host.</summary>
/// <param name="Certain">What is in use now, which the migration writes at the destination, in bytes.</param>
/// <param name="Possible">What the guests may use, in bytes.</param>
internal readonly record struct MemoryNeed(long Certain, long Possible)
{
    /// <summary>What one VM takes of the memory that is not in huge pages.</summary>
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
