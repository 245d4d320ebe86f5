using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <content>The guest's network cards.</content>
public sealed partial class DomainDefinition
{
    /// <summary>
    /// The network cards, in the definition's order. Of a running guest libvirt shows what a virtual network came to, such as a bridge;
    /// it starts the guest elsewhere by the network's name all the same.
    /// </summary>
    public IReadOnlyList<GuestInterface> Interfaces => [.. _domain.Elements("devices").Elements("interface").Select(Read)];

    private static GuestInterface Read(XElement card)
    {
        var source = card.Element("source");
        var network = (string?)source?.Attribute("network");
        var type = network is null ? (string?)card.Attribute("type") ?? string.Empty : "network";
        return new(
            type,
            type switch
            {
                "network" => network,
                "bridge" => (string?)source?.Attribute("bridge"),
                "direct" => (string?)source?.Attribute("dev"),
                _ => null,
            },
            int.TryParse((string?)card.Element("mtu")?.Attribute("size"), NumberStyles.None, CultureInfo.InvariantCulture, out var mtu) ? mtu : null,
            (string?)card.Element("virtualport")?.Attribute("type"));
    }
}
