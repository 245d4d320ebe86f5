using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>
/// Memory that lies on huge pages is reserved whole when QEMU starts, so the destination needs as many free ones of that size, beside
/// those that the VMs take that go there before it.
/// </summary>
internal sealed class HugePagesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Capacity;
    public override string Subject => "The destination has free huge pages for the guest's memory, besides what the VMs that go there first need.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; pages are reserved when the VM starts.");
        }

        var own = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).HugePages;
        if (own.Count == 0)
        {
            return NotApplicable($"The guest's memory is in ordinary pages.").Seen(context.SourceName, "domain XML, hugepages", null);
        }

        var free = await context.Destination.GetFreePagesAsync().ConfigureAwait(false);
        var ahead = await SumAsync(context.Ahead, context.Destination).ConfigureAwait(false);
        var offered = Huge(free);
        var reserved = (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).ReservedPages;
        var trouble = own.Select(need => Judge(context, need, ahead, offered, reserved)).OfType<Finding>().FirstOrDefault();
        return (trouble ?? Passed($"'{context.DestinationName}' has enough free huge pages for the guest: {Describe(own)}."))
            .Seen(context.SourceName, "domain XML, hugepages", Describe(own))
            .Seen(context.SourceName, $"huge pages of {Units.Count(context.Ahead.Count, "VM that goes first", "VMs that go first")}", ahead.Count == 0 ? "none" : Describe(ahead))
            .Seen(context.DestinationName, "freepages", string.Join(", ", offered.Select(o => $"{o.Value / o.Key} of {Units.Size(o.Key)}")));
    }

    // A definition that names no size takes those of the host's own, which libvirt does not tell: any size with enough will do.
    private static Finding? Judge(
        CheckContext context,
        (long? Size, long Bytes) need,
        IReadOnlyList<(long? Size, long Bytes)> ahead,
        IReadOnlyDictionary<long, long> offered,
        IReadOnlyDictionary<long, long> reserved)
    {
        var before = ahead.Where(a => a.Size == need.Size).Sum(a => a.Bytes);
        var best = need.Size is { } size ? offered.GetValueOrDefault(size, -1) : offered.Values.DefaultIfEmpty(-1).Max();
        return best switch
        {
            -1 when need.Size is { } missing => Failed(
                $"'{context.DestinationName}' has no huge pages of {Units.Size(missing)}, which the guest's memory needs.",
                advice: $"Boot '{context.DestinationName}' with such pages (hugepagesz=… hugepages=… on the kernel's command line) and mount " +
                    $"them, or give the VM other pages with -DestinationXml. To see what it has: virsh -c {context.DestinationUri} freepages --all",
                libvirt: $"Unable to find any usable hugetlbfs mount for {missing / 1024} KiB"),
            -1 => Failed(
                $"'{context.DestinationName}' has no huge pages, which the guest's memory needs.",
                advice: $"Reserve some and mount them: virsh -c {context.DestinationUri} allocpages 2M 1024, and on '{context.DestinationName}' " +
                    $"systemctl enable --now dev-hugepages.mount",
                libvirt: $"hugetlbfs filesystem is not mounted"),

            // Where none was ever reserved, there may be no file system for them either, of which libvirt tells nothing.
            0 when offered.Keys.Where(s => need.Size is null || s == need.Size).All(s => reserved.GetValueOrDefault(s) == 0) =>
                Failed(
                    $"The guest needs {Describe([need])}, and '{context.DestinationName}' has reserved none.",
                    advice: $"Reserve some and mount them: virsh -c {context.DestinationUri} allocpages 2M 1024, and on " +
                        $"'{context.DestinationName}' systemctl enable --now dev-hugepages.mount; restart virtqemud or libvirtd where they were " +
                        $"not mounted before.",
                    libvirt: $"hugetlbfs filesystem is not mounted, or, where it is: unable to map backing store for guest RAM"),
            _ when need.Bytes > best => Failed(
                $"The guest needs {Describe([need])}, and '{context.DestinationName}' has {Units.Size(best)} free in such pages.",
                advice: $"To see what is free there: virsh -c {context.DestinationUri} freepages --all. Reserve more: virsh -c {context.DestinationUri} " +
                    $"allocpages 2M 1024 --add",
                libvirt: $"unable to map backing store for guest RAM"),
            _ when need.Bytes + before > best => Failed(
                $"The guest needs {Describe([need])}; '{context.DestinationName}' has {Units.Size(best)} free in such pages, of which VMs " +
                    $"that go first take {Units.Size(before)}.",
                advice: $"To see what is free there: virsh -c {context.DestinationUri} freepages --all. Reserve more: virsh -c {context.DestinationUri} " +
                    $"allocpages 2M 1024 --add, or move fewer VMs there.",
                libvirt: $"unable to map backing store for guest RAM"),
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
        n.Size is { } size ? $"{Units.Size(n.Bytes)} in pages of {Units.Size(size)}" : $"{Units.Size(n.Bytes)} in pages of the host's size"));
}
