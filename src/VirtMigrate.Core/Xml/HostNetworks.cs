using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A virtual network of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsActive">Whether it is started.</param>
/// <param name="Bridge">The bridge that it uses; null where it uses none, or is not started and names none.</param>
/// <param name="Mtu">The largest frame in bytes that its definition sets; null where it sets none.</param>
internal sealed record HostNetwork(string Name, bool IsActive, string? Bridge, int? Mtu)
{
    /// <summary>Reads a network (virNetworkGetXMLDesc).</summary>
    internal static HostNetwork Read(XElement xml, bool isActive) => new(
        (string?)xml.Element("name") ?? string.Empty,
        isActive,
        (string?)xml.Element("bridge")?.Attribute("name"),
        (int?)xml.Element("mtu")?.Attribute("size"));
}

/// <summary>A network interface of a host.</summary>
/// <param name="Name">Its name, such as <c>eth0</c> or <c>br0</c>.</param>
/// <param name="LinkSpeed">The link's speed in bits per second; null where the host does not tell.</param>
/// <param name="Mtu">The largest frame in bytes; null where the host does not tell.</param>
/// <remarks>
/// Libvirt has two lists of them. Its interface driver tells MTU and speed, but leaves out what is part of a bridge (with netcf it knows
/// configured interfaces only); its node devices are complete, but need udev on the host and tell no MTU.
/// </remarks>
internal sealed partial record HostInterface(string Name, long? LinkSpeed, int? Mtu)
{
    private const long Megabit = 1_000_000;

    /// <summary>Reads an interface element (virInterfaceGetXMLDesc), or a node device's capability.</summary>
    internal static HostInterface Read(string name, XElement xml) => new(
        name,
        (long?)xml.Element("link")?.Attribute("speed") is > 0 and var speed ? speed * Megabit : null,
        (int?)xml.Element("mtu")?.Attribute("size"));

    /// <summary>Reads a node device (virNodeDeviceGetXMLDesc); null where it is no network interface.</summary>
    internal static HostInterface? ReadDevice(XElement xml)
    {
        var capability = xml.Elements("capability").FirstOrDefault(c => c.Attr("type") is "net");
        return (string?)capability?.Element("interface") is { } name ? Read(name, capability) : null;
    }

    /// <summary>Puts both lists into one, by name; null is a list that can't be had.</summary>
    internal static IReadOnlyList<HostInterface> Merge(IEnumerable<HostInterface>? interfaces, IEnumerable<HostInterface>? devices) =>
    [
        .. (interfaces ?? []).Concat(devices ?? [])
            .DistinctBy(i => i.Name, StringComparer.Ordinal)
            .OrderBy(i => i.Name, StringComparer.Ordinal),
    ];

    /// <summary>Picks the node devices that have to be asked about: those that may be interfaces of the host which are not known yet.</summary>
    /// <remarks>
    /// A device is called net_&lt;interface&gt;_&lt;address&gt;, with _ for all that is neither letter nor digit: where the interface's
    /// own name has such characters, the device's does not tell which interface it is. The guests' own are left out.
    /// </remarks>
    internal static IEnumerable<T> SelectUnknown<T>(IEnumerable<T> devices, Func<T, string> name, IEnumerable<HostInterface> known)
    {
        string[] prefixes = [.. known.Where(i => i.Name.All(char.IsAsciiLetterOrDigit)).Select(i => $"net_{i.Name}_")];
        return devices.Where(d => name(d) is var device && !GuestDevice().IsMatch(device)
            && !Array.Exists(prefixes, p => device.StartsWith(p, StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^net_(vnet|macvtap|macvlan)\d+_", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GuestDevice();
}
