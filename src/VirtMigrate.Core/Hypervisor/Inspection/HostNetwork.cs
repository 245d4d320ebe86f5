using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A virtual network of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsActive">Whether it is started.</param>
/// <param name="Bridge">The bridge that it uses; null where it uses none, or is not started and names none.</param>
/// <param name="Mtu">The largest frame in bytes that its definition sets; null where it sets none.</param>
public sealed record HostNetwork(string Name, bool IsActive, string? Bridge, int? Mtu)
{
    /// <summary>Reads a network (virNetworkGetXMLDesc).</summary>
    /// <param name="xml">The network element.</param>
    /// <param name="isActive">Whether it is started.</param>
    /// <returns>The network.</returns>
    internal static HostNetwork Read(XElement xml, bool isActive) => new(
        (string?)xml.Element("name") ?? string.Empty,
        isActive,
        (string?)xml.Element("bridge")?.Attribute("name"),
        (int?)xml.Element("mtu")?.Attribute("size"));
}
