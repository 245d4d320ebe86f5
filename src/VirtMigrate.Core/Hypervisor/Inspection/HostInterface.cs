using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A network interface of a host.</summary>
/// <param name="Name">Its name, such as <c>eth0</c> or <c>br0</c>.</param>
/// <param name="LinkSpeed">The link's speed in bits per second; null where the host does not tell.</param>
/// <param name="Mtu">The largest frame in bytes; null where the host does not tell.</param>
public sealed record HostInterface(string Name, long? LinkSpeed, int? Mtu)
{
    private const long Megabit = 1_000_000;

    /// <summary>Reads an interface.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="xml">The interface element (virInterfaceGetXMLDesc), or a node device's capability.</param>
    /// <returns>The interface.</returns>
    internal static HostInterface Read(string name, XElement xml) => new(
        name,
        (long?)xml.Element("link")?.Attribute("speed") is > 0 and var speed ? speed * Megabit : null,
        (int?)xml.Element("mtu")?.Attribute("size"));

    /// <summary>Reads what libvirt tells of a node device (virNodeDeviceGetXMLDesc).</summary>
    /// <param name="xml">The device element.</param>
    /// <returns>The interface; null where the device is none.</returns>
    internal static HostInterface? ReadDevice(XElement xml)
    {
        var capability = xml.Elements("capability").FirstOrDefault(c => (string?)c.Attribute("type") is "net");
        return (string?)capability?.Element("interface") is { } name ? Read(name, capability) : null;
    }
}
