using System.Xml;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A domain's XML, read for what a migration needs of it.</summary>
public sealed partial class DomainDefinition
{
    private readonly XElement _domain;

    /// <summary>Reads a definition.</summary>
    /// <param name="xml">The XML, as virDomainGetXMLDesc gives it.</param>
    /// <exception cref="XmlException">It is no XML.</exception>
    public DomainDefinition(string xml) => _domain = LibvirtXml.Parse(xml);

    /// <summary>The domain's name.</summary>
    public string Name => (string?)_domain.Element("name") ?? string.Empty;

    /// <summary>The domain's UUID; empty where it has none yet.</summary>
    public Guid Uuid => Guid.TryParse((string?)_domain.Element("uuid"), out var uuid) ? uuid : Guid.Empty;

    /// <summary>The type of domain: <c>kvm</c>, or <c>qemu</c> for software emulation.</summary>
    public string DomainType => (string?)_domain.Attribute("type") ?? string.Empty;

    /// <summary>The kind of guest that this is.</summary>
    public GuestKind Kind => new(
        (string?)_domain.Element("devices")?.Element("emulator"),
        (string?)_domain.Element("os")?.Element("type")?.Attribute("arch") ?? string.Empty,
        (string?)_domain.Element("os")?.Element("type")?.Attribute("machine"),
        DomainType);

    /// <summary>The disks that hold data, with what lies behind each: no CD-ROMs, no floppies.</summary>
    public IReadOnlyList<(string Target, string Source)> Disks =>
    [
        .. _domain.Elements("devices").Elements("disk")
            .Where(d => (string?)d.Attribute("device") is null or "disk" or "lun")
            .Select(d => ((string?)d.Element("target")?.Attribute("dev") ?? string.Empty, Source(d.Element("source"))))
            .Where(d => d.Item1.Length > 0),
    ];

    private static string Source(XElement? source) =>
        source?.Attributes().FirstOrDefault(a => a.Name.LocalName is "file" or "dev" or "name" or "volume" or "dir")?.Value ?? string.Empty;
}
