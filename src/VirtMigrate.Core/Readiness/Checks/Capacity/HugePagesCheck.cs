using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// Memory that lies on huge pages is reserved whole when QEMU starts, so the destination needs as many free ones of that size, beside
/// those that the VMs take that go there before it.
/// </summary>
public sealed class HugePagesCheck : ReadinessCheck
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

        var own = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).HugePages;
        if (own.Count == 0)
        {
            return NotApplicable("None").Seen(move.Vm.Vm.VmHost.Name, "domain XML, hugepages", null);
        }

        var free = await move.Destination.GetFreePagesAsync().ConfigureAwait(false);
        var ahead = await SumAsync(move.Ahead, move.Destination).ConfigureAwait(false);
        var offered = Huge(free);
        var reserved = (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).ReservedPages;
        var trouble = own.Select(need => Judge(need, ahead, offered, reserved)).OfType<ReadinessFinding>().FirstOrDefault();
        return (trouble ?? Passed("Enough", Describe(own)))
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, hugepages", Describe(own))
            .Seen(move.Vm.Vm.VmHost.Name, $"huge pages of {move.Ahead.Count} VMs before it", ahead.Count == 0 ? "none" : Describe(ahead))
            .Seen(move.DestinationName, "freepages", string.Join(", ", offered.Select(o => $"{o.Value / o.Key} of {ByteSize.ToText(o.Key)}")));
    }

    // A definition that names no size takes those of the host's own, which libvirt does not tell: any size with enough will do.
    private static ReadinessFinding? Judge(
        (long? Size, long Bytes) need,
        IReadOnlyList<(long? Size, long Bytes)> ahead,
        IReadOnlyDictionary<long, long> offered,
        IReadOnlyDictionary<long, long> reserved)
    {
        var before = ahead.Where(a => a.Size == need.Size).Sum(a => a.Bytes);
        var best = need.Size is { } size ? offered.GetValueOrDefault(size, -1) : offered.Values.DefaultIfEmpty(-1).Max();
        return best switch
        {
            -1 when need.Size is { } missing => Failed("NoSuchSize", ByteSize.ToText(missing), missing / 1024),
            -1 => Failed("NoneOffered"),

            // Where none was ever reserved, there may be no file system for them either, of which libvirt tells nothing.
            0 when offered.Keys.Where(s => need.Size is null || s == need.Size).All(s => reserved.GetValueOrDefault(s) == 0) =>
                Failed("NoneReserved", Describe([need])),
            _ when need.Bytes > best => Failed("Short", Describe([need]), ByteSize.ToText(best)),
            _ when need.Bytes + before > best => Failed("ShortAfter", Describe([need]), ByteSize.ToText(best), ByteSize.ToText(before)),
            _ => null,
        };
    }

    // The smallest size is the ordinary page; all others are huge.
    private static SortedDictionary<long, long> Huge(IReadOnlyList<FreePages> free) => new(free
        .Where(f => f.Size > free.Min(p => p.Size))
        .GroupBy(f => f.Size)
        .ToDictionary(f => f.Key, f => f.Sum(p => p.Count * p.Size)));

    private static async Task<IReadOnlyList<(long? Size, long Bytes)>> SumAsync(IEnumerable<VmFacts> vms, HostFacts destination)
    {
        var needs = await Task.WhenAll(vms.Where(v => v.Vm.Status.IsActive).Select(async v =>
            (await v.FindDefinitionAsync(destination).ConfigureAwait(false))?.HugePages ?? [])).ConfigureAwait(false);
        return [.. needs.SelectMany(n => n).GroupBy(n => n.Size).Select(n => (n.Key, n.Sum(m => m.Bytes)))];
    }

    private static string Describe(IEnumerable<(long? Size, long Bytes)> needs) => string.Join(", ", needs.Select(n =>
        n.Size is { } size ? $"{ByteSize.ToText(n.Bytes)} in pages of {ByteSize.ToText(size)}" : $"{ByteSize.ToText(n.Bytes)} in pages of the host's size"));
}
