using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>What guests of one kind can have on a host, as virConnectGetDomainCapabilities gives it.</summary>
public sealed partial class DomainCapabilities
{
    private readonly XElement _root;

    /// <summary>Reads domain capabilities.</summary>
    /// <param name="xml">The XML.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public DomainCapabilities(string xml) => _root = LibvirtXml.Parse(xml);

    /// <summary>The machine type that the request came to, such as <c>pc-q35-7.2</c> for <c>q35</c>.</summary>
    public string? Machine => (string?)_root.Element("machine");

    /// <summary>The emulator that was looked at.</summary>
    public string? Emulator => (string?)_root.Element("path");
}
