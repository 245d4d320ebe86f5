using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <content>Its devices that can't move, or not as they are.</content>
public sealed partial class DomainDefinition
{
    /// <summary>The host's devices that the guest has for itself.</summary>
    public IReadOnlyList<PassedThroughDevice> PassedThroughDevices =>
    [
        .. Devices("hostdev").Select(ReadHostDevice),
        .. Devices("interface").Where(i => IsType(i, "hostdev")).Select(ReadHostDevice),
    ];

    /// <summary>Whether the guest has an IOMMU of its own.</summary>
    public bool HasIommu => Devices("iommu").Any();

    /// <summary>The host's directories that the guest sees.</summary>
    public IReadOnlyList<SharedDirectory> SharedDirectories => [.. Devices("filesystem").Select(f => new SharedDirectory(
        Text(f.Element("source"), "dir") ?? Text(f.Element("source"), "socket") ?? string.Empty,
        Text(f.Element("target"), "dir") ?? string.Empty,
        Text(f.Element("driver"), "type") is "virtiofs"))];

    /// <summary>The memory that the guest shares with others on its host.</summary>
    public IReadOnlyList<SharedMemoryDevice> SharedMemory => [.. Devices("shmem").Select(s => new SharedMemoryDevice(
        Text(s, "name") ?? string.Empty, Text(s.Element("model"), "type"), Text(s, "role")))];

    /// <summary>The host's vDPA devices that the guest's network cards are.</summary>
    public IReadOnlyList<string> VdpaDevices =>
        [.. Devices("interface").Where(i => IsType(i, "vdpa")).Select(i => Text(i.Element("source"), "dev") ?? string.Empty)];

    /// <summary>The hardware addresses of the network cards that go out through a process of the hypervisor's user, without passt.</summary>
    public IReadOnlyList<string> UserInterfaces =>
    [
        .. Devices("interface").Where(i => IsType(i, "user") && Text(i.Element("backend"), "type") is null)
            .Select(i => Text(i.Element("mac"), "address") ?? string.Empty),
    ];

    /// <summary>How many memory modules there are (model='dimm').</summary>
    public int DimmCount => Dimms.Count();

    /// <summary>How many memory modules have no slot and address (address type='dimm').</summary>
    public int UnplacedDimmCount => Dimms.Count(m => m.Element("address") is not { } address || !IsType(address, "dimm"));

    /// <summary>The guest's TPM; null where it has none.</summary>
    public TpmDevice? Tpm => Devices("tpm").FirstOrDefault() is { } tpm && tpm.Element("backend") is { } backend
        ? new(
            Text(backend, "type") ?? string.Empty,
            Text(tpm, "model"),
            Text(backend, "version"),
            Guid.TryParse(Text(backend.Element("encryption"), "secret"), out var secret) ? secret : null,
            Text(backend.Element("device"), "path"))
        : null;

    /// <summary>Where the guest's screens are served.</summary>
    public IReadOnlyList<GraphicsListener> GraphicsListeners =>
    [
        .. from graphics in Devices("graphics")
           where Text(graphics, "type") is "vnc" or "spice"
           from listen in graphics.Elements("listen").DefaultIfEmpty(graphics)
           where listen == graphics || IsType(listen, "address")
           select new GraphicsListener(Text(graphics, "type")!, Text(listen, listen == graphics ? "listen" : "address")),
    ];

    /// <summary>What of the host's file system is at the other end of the guest's serial lines, channels and random number generators.</summary>
    public IReadOnlyList<HostEndpoint> HostEndpoints =>
    [
        .. from element in _domain.Elements("devices").Elements()
           where element.Name.LocalName is "serial" or "parallel" or "channel" or "console" or "smartcard" or "redirdev"
           where !(element.Name.LocalName is "console" && Text(element.Element("target"), "type") is null or "serial")
           let endpoint = ReadEndpoint(element)
           where endpoint is not null
           select endpoint,
        .. Devices("rng").Select(r => r.Element("backend")).Where(b => Text(b, "model") is "random" && b!.Value.Trim().Length > 0)
            .Select(b => new HostEndpoint("the random number generator", b!.Value.Trim(), IsMade: false)),
    ];

    private IEnumerable<XElement> Dimms => Devices("memory").Where(m => Text(m, "model") is "dimm");

    private static string? Text(XElement? element, string attribute) => (string?)element?.Attribute(attribute);

    private static bool IsType(XElement element, string type) => string.Equals(Text(element, "type"), type, StringComparison.Ordinal);

    private static PassedThroughDevice ReadHostDevice(XElement device)
    {
        var source = device.Element("source");
        var address = source?.Element("address");
        var kind = device.Name.LocalName is "interface" ? "interface" : Text(device, "type") ?? string.Empty;
        var name = kind switch
        {
            "pci" or "interface" => PciAddress(address),
            "usb" when source?.Element("vendor") is { } vendor => $"{Hex(Text(vendor, "id"), 4)}:{Hex(Text(source.Element("product"), "id"), 4)}",
            "usb" => $"{Text(address, "bus")}.{Text(address, "device")}",
            "mdev" => Text(address, "uuid"),
            "scsi_host" => Text(source, "wwpn"),
            _ => Text(source?.Element("adapter"), "name") ?? Text(source, "name"),
        };
        return new(kind, name ?? string.Empty, Text(device.Element("teaming"), "type") is "transient", Text(source, "startupPolicy"));
    }

    private static string PciAddress(XElement? address) =>
        $"{Hex(Text(address, "domain"), 4)}:{Hex(Text(address, "bus"), 2)}:{Hex(Text(address, "slot"), 2)}.{Hex(Text(address, "function"), 1)}";

    private static string Hex(string? number, int digits)
    {
        number ??= "0";
        var text = number.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? number[2..] : number;
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value.ToString($"x{digits}", CultureInfo.InvariantCulture)
            : text;
    }

    // Libvirt names the sockets of a channel itself where the definition names none, and does so anew at the destination.
    private static HostEndpoint? ReadEndpoint(XElement element)
    {
        var name = $"{element.Name.LocalName} {Text(element.Element("target"), "name") ?? Text(element.Element("target"), "port")}".Trim();
        var source = element.Element("source");
        return Text(source, "path") is not { Length: > 0 } path ? null : Text(element, "type") switch
        {
            "file" => new(name, path, IsMade: true),
            "pipe" or "dev" => new(name, path, IsMade: false),
            "unix" when path.Contains("/qemu/channel/", StringComparison.Ordinal) => null,
            "unix" => new(name, path, IsMade: Text(source, "mode") is not "connect"),
            _ => null,
        };
    }

    private IEnumerable<XElement> Devices(string name) => _domain.Elements("devices").Elements(name);
}
