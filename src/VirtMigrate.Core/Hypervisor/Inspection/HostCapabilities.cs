using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A host's capabilities, as virConnectGetCapabilities gives them.</summary>
public sealed partial class HostCapabilities
{
    private readonly XElement _root;

    /// <summary>Reads capabilities.</summary>
    /// <param name="xml">The XML.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public HostCapabilities(string xml) => _root = LibvirtXml.Parse(xml);

    /// <summary>The host's UUID; null where it has none.</summary>
    public Guid? HostUuid => Guid.TryParse(_root.Element("host")?.Element("uuid")?.Value, out var uuid) ? uuid : null;

    /// <summary>The number of NUMA cells, at least 1.</summary>
    public int CellCount => Math.Max(1, Cells.Count());

    /// <summary>The sizes in bytes of the memory pages that the host can give.</summary>
    public IReadOnlyList<long> PageSizes =>
        [.. (_root.Element("host")?.Element("cpu")?.Elements("pages") ?? []).Select(ToBytes).OfType<long>()];

    private IEnumerable<XElement> Cells => _root.Element("host")?.Element("topology")?.Element("cells")?.Elements("cell") ?? [];

    private static long? ToBytes(XElement pages) =>
        long.TryParse((string?)pages.Attribute("size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? LibvirtXml.Scale(size, (string?)pages.Attribute("unit"))
            : null;
}
