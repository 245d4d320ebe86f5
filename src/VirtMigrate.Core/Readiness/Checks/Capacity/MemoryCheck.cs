using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The destination needs memory for what the guest uses, beside what the VMs take that go there before it. Memory that the guest has
/// never touched is not moved, so that a guest can move to a host that has less than the guest may use.
/// </summary>
public sealed class MemoryCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Capacity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        if ((await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).UsesHugePages)
        {
            return NotApplicable("HugePages");
        }

        var host = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var available = await move.Destination.GetAvailableMemoryAsync().ConfigureAwait(false);
        var own = await MemoryNeed.OfAsync(move.Vm, move.Destination).ConfigureAwait(false);
        var ahead = await MemoryNeed.OfAsync(move.Ahead, move.Destination).ConfigureAwait(false);

        // Some hosts count less in their NUMA cells than is free.
        var all = Math.Max(host.Memory, available);
        var (most, count) = (Math.Max(move.Vm.Vm.MaxMemory, move.Vm.Vm.Memory), move.Ahead.Count);
        var finding = (own, ahead) switch
        {
            // More than the whole host has, the kernel refuses to promise, whatever is used of it.
            _ when most > all => Failed("TooLarge", ByteSize.ToText(most), ByteSize.ToText(all)),
            _ when own.Certain > available => Failed("Short", ByteSize.ToText(own.Certain), ByteSize.ToText(available)),
            _ when own.Certain + ahead.Certain > available =>
                Failed("ShortAfter", ByteSize.ToText(own.Certain), ByteSize.ToText(available), count, ByteSize.ToText(ahead.Certain)),
            _ when own.Possible > available => Warning("Tight", ByteSize.ToText(own.Possible), ByteSize.ToText(available)),
            _ when own.Possible + ahead.Possible > available =>
                Warning("TightAfter", ByteSize.ToText(own.Possible), ByteSize.ToText(available), count, ByteSize.ToText(ahead.Possible)),
            _ when count > 0 => Passed("EnoughAfter", ByteSize.ToText(own.Possible), ByteSize.ToText(available), count, ByteSize.ToText(ahead.Possible)),
            _ => Passed("Enough", ByteSize.ToText(own.Possible), ByteSize.ToText(available)),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "memory: in use, current, maximum",
                $"{ByteSize.ToText(own.Certain)}, {ByteSize.ToText(own.Possible)}, {ByteSize.ToText(most)}")
            .Seen(move.Vm.Vm.VmHost.Name, $"memory of {count} VMs before it: in use, current", $"{ByteSize.ToText(ahead.Certain)}, {ByteSize.ToText(ahead.Possible)}")
            .Seen(move.DestinationName, "nodememstats: free, cached and buffers", ByteSize.ToText(available))
            .Seen(move.DestinationName, "nodeinfo, memory", ByteSize.ToText(host.Memory));
    }
}
