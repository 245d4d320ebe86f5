using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A domain's memory.</summary>
public sealed partial class DomainDefinition
{
    /// <summary>All memory that the domain begins with, in bytes.</summary>
    public long MemorySize => Bytes(_domain.Element("memory"));

    /// <summary>Whether huge pages of the host hold the memory.</summary>
    public bool UsesHugePages => HugePagesElement is not null;

    /// <summary>
    /// How much memory lies on huge pages of which size, in bytes; a size of null stands for the host's own. Memory whose cells the
    /// definition gives to no size is counted with the size that is for all.
    /// </summary>
    public IReadOnlyList<(long? Size, long Bytes)> HugePages
    {
        get
        {
            if (HugePagesElement is not { } element)
            {
                return [];
            }

            var pages = element.Elements("page").ToArray();
            var cells = _domain.Elements("cpu").Elements("numa").Elements("cell").ToArray();
            var some = pages.Where(p => p.Attribute("nodeset") is not null)
                .Select(p => (Size: PageSize(p), Bytes: cells.Where(c => IsIn(c, p)).Sum(c => Bytes(c, "memory", "unit")))).ToArray();
            var rest = MemorySize - some.Sum(s => s.Bytes);
            return pages.FirstOrDefault(p => p.Attribute("nodeset") is null) is { } all
                ? [.. some, (PageSize(all), rest)]
                : pages.Length == 0 ? [(null, MemorySize)] : [.. some];
        }
    }

    private XElement? HugePagesElement => _domain.Element("memoryBacking")?.Element("hugepages");

    private static bool IsIn(XElement cell, XElement page) =>
        NumberSet.ToNumber((string?)cell.Attribute("id")) is { } id && NumberSet.Parse((string?)page.Attribute("nodeset")).Contains(id);

    private static long PageSize(XElement page) => Bytes(page, "size", "unit");

    private static long Bytes(XElement? element) => element is not null
        && long.TryParse(element.Value.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? LibvirtXml.Scale(size, (string?)element.Attribute("unit"))
            : 0;

    private static long Bytes(XElement element, string value, string unit) =>
        long.TryParse((string?)element.Attribute(value), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? LibvirtXml.Scale(size, (string?)element.Attribute(unit))
            : 0;
}
