using VirtMigrate.Hypervisor.DirtyRates;
using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Hypervisor.Statistics;

/// <summary>Reads what the statistics of a VM tell that a migration needs.</summary>
internal static class VmStatistics
{
    /// <summary>Reads images, resident memory and the last dirty rate.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="values">Its statistics: of balloon, block and dirtyrate.</param>
    /// <param name="isActive">Whether it is active.</param>
    /// <returns>What they tell.</returns>
    public static VmInspection Inspect(Guid vm, IReadOnlyList<Statistic> values, bool isActive) => new(vm)
    {
        Images = ImageStatistics.Read(values, isActive),
        ResidentMemory = values.FindNumber("balloon.rss") * 1024,
        DirtyRate = DirtyRateStatistics.Read(values),
    };
}
