using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A host's processors and how they lie to its memory.</summary>
public sealed partial class HostCapabilities
{
    /// <summary>The host's processor; null where libvirt does not know it.</summary>
    public HostProcessor? Processor => _root.Element("host")?.Element("cpu") is { } cpu && cpu.Element("model") is { } model
        ? new(
            model.Value,
            (string?)cpu.Element("vendor"),
            (string?)cpu.Element("microcode")?.Attribute("version"),
            cpu.Elements("feature").Select(f => (string?)f.Attribute("name")).OfType<string>().ToHashSet(StringComparer.Ordinal))
        : null;

    /// <summary>The host's time stamp counter; null where the host does not tell.</summary>
    public TscCounter? Tsc =>
        _root.Element("host")?.Element("cpu")?.Elements("counter").FirstOrDefault(c => (string?)c.Attribute("name") is "tsc") is { } counter
        && long.TryParse((string?)counter.Attribute("frequency"), NumberStyles.None, CultureInfo.InvariantCulture, out var frequency)
            ? new(frequency, (string?)counter.Attribute("scaling") switch { "yes" => true, "no" => false, _ => null })
            : null;

    /// <summary>The numbers of the host's logical processors; empty where the host does not list them.</summary>
    public IReadOnlySet<int> CpuNumbers => Cells.Elements("cpus").Elements("cpu")
        .Select(c => NumberSet.ToNumber((string?)c.Attribute("id"))).OfType<int>().ToHashSet();

    /// <summary>The numbers of the host's NUMA cells; empty where the host does not list them.</summary>
    public IReadOnlySet<int> CellNumbers => Cells.Select(c => NumberSet.ToNumber((string?)c.Attribute("id"))).OfType<int>().ToHashSet();

    /// <summary>How many bytes the host has reserved for memory pages of each size, by the size in bytes.</summary>
    public IReadOnlyDictionary<long, long> ReservedPages => Cells.Elements("pages")
        .Select(p => (Size: ToBytes(p), Count: long.TryParse(p.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0))
        .Where(p => p.Size is not null)
        .GroupBy(p => p.Size!.Value)
        .ToDictionary(p => p.Key, p => p.Sum(c => c.Count) * p.Key);
}
