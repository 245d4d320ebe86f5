using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>The firmware that a host has for guests.</summary>
public sealed partial class DomainCapabilities
{
    /// <summary>The UEFI images that libvirt knows of and that are there.</summary>
    public IReadOnlySet<string> Loaders =>
        _root.Elements("os").Elements("loader").Elements("value").Select(v => v.Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether the host has firmware with secure boot.</summary>
    public bool HasSecureBoot => _root.Elements("os").Elements("loader").Elements("enum")
        .Where(e => (string?)e.Attribute("name") is "secure").Elements("value").Any(v => v.Value is "yes");
}
