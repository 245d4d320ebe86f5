using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The destination needs memory for what the guest uses, beside what the VMs take that go there before it. Memory that the guest has
/// never touched is not moved, so that a guest can move to a host that has less than the guest may use.
/// </summary>
internal sealed class MemoryCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Capacity;
    public override string Subject => "The destination has memory for the guest, after the VMs before it.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; memory is taken when the VM starts.");
        }

        if ((await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).UsesHugePages)
        {
            return NotApplicable($"The guest's memory lies on huge pages; the check HugePages looks at those.");
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
                $"The guest has up to {ByteSize.ToText(most)} of memory, more than the {ByteSize.ToText(all)} of '{context.DestinationName}'.",
                advice: $"Name a larger destination, or give the guest less when it is shut off: virsh -c {context.SourceUri} setmaxmem " +
                    $"{context.VmName} 4G --config",
                libvirt: $"Cannot allocate memory"),
            _ when own.Certain > available => Failed(
                $"The guest uses {ByteSize.ToText(own.Certain)} of memory now, and '{context.DestinationName}' has {ByteSize.ToText(available)}.",
                advice: $"What is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                    $"destination: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri} tells which are ready.",
                libvirt: $"Cannot allocate memory"),
            _ when own.Certain + ahead.Certain > available =>
                Failed(
                    $"The guest uses {ByteSize.ToText(own.Certain)} of memory now; '{context.DestinationName}' has {ByteSize.ToText(available)}, " +
                        $"of which {count} VMs before it use {ByteSize.ToText(ahead.Certain)}. It fits alone, not after them.",
                    advice: $"What is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                        $"destination: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri} tells which are ready.",
                    libvirt: $"Cannot allocate memory"),
            _ when own.Possible > available => Warning(
                $"The guest may use {ByteSize.ToText(own.Possible)} of memory, and '{context.DestinationName}' has {ByteSize.ToText(available)}: " +
                    $"it fits as long as the guest does not use all of it.",
                advice: $"What is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                    $"destination: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri} tells which are ready."),
            _ when own.Possible + ahead.Possible > available =>
                Warning(
                    $"The guest may use {ByteSize.ToText(own.Possible)} of memory; '{context.DestinationName}' has {ByteSize.ToText(available)}, " +
                        $"of which {count} VMs before it may use {ByteSize.ToText(ahead.Possible)}: they fit as long as they don't use all of it.",
                    advice: $"What is free there: virsh -c {context.DestinationUri} nodememstats. Move other VMs away first, or choose another " +
                        $"destination: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri} tells which are ready."),
            _ when count > 0 => Passed(
                $"'{context.DestinationName}' has {ByteSize.ToText(available)} of memory for the guest's {ByteSize.ToText(own.Possible)} and the " +
                    $"{ByteSize.ToText(ahead.Possible)} of {count} VMs before it."),
            _ => Passed($"'{context.DestinationName}' has {ByteSize.ToText(available)} of memory for the guest's {ByteSize.ToText(own.Possible)}."),
        };
        return finding
            .Seen(context.SourceName, "memory: in use, current, maximum",
                $"{ByteSize.ToText(own.Certain)}, {ByteSize.ToText(own.Possible)}, {ByteSize.ToText(most)}")
            .Seen(context.SourceName, $"memory of {count} VMs before it: in use, current", $"{ByteSize.ToText(ahead.Certain)}, {ByteSize.ToText(ahead.Possible)}")
            .Seen(context.DestinationName, "nodememstats: free, cached and buffers", ByteSize.ToText(available))
            .Seen(context.DestinationName, "nodeinfo, memory", ByteSize.ToText(host.Memory));
    }
}
