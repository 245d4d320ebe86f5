using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A network card of a guest.</summary>
/// <param name="Type">What it is plugged into: <c>network</c>, <c>bridge</c>, <c>direct</c> and so on.</param>
/// <param name="Source">The name of that: a virtual network, a bridge, or a host's interface; null where it has none.</param>
/// <param name="Mtu">The largest frame in bytes that the guest is told; null where it is told nothing.</param>
/// <param name="VirtualPort">The type of virtual switch port, such as <c>openvswitch</c>; null for a plain bridge's.</param>
internal sealed record GuestInterface(string Type, string? Source, int? Mtu, string? VirtualPort)
{
    internal static GuestInterface Read(XElement card)
    {
        var source = card.Element("source");
        var network = source.Attr("network");
        var type = network is null ? card.Attr("type") ?? string.Empty : "network";
        return new(
            type,
            type switch
            {
                "network" => network,
                "bridge" => source.Attr("bridge"),
                "direct" => source.Attr("dev"),
                _ => null,
            },
            int.TryParse(card.Element("mtu").Attr("size"), NumberStyles.None, CultureInfo.InvariantCulture, out var mtu) ? mtu : null,
            card.Element("virtualport").Attr("type"));
    }
}

/// <summary>A device of the host that the guest has for itself: a hostdev element, or an interface of type hostdev.</summary>
/// <param name="Kind">The kind: <c>pci</c>, <c>usb</c>, <c>scsi</c>, <c>scsi_host</c>, <c>mdev</c>, or <c>interface</c> for a network card.</param>
/// <param name="Name">What to call it to people.</param>
/// <param name="IsUnpluggedFirst">Whether the hypervisor takes it out before the VM moves (teaming type='transient').</param>
/// <param name="StartupPolicy">What libvirt does where it is missing: <c>mandatory</c>, <c>requisite</c> or <c>optional</c>; null for the first.</param>
internal sealed record PassedThroughDevice(string Kind, string Name, bool IsUnpluggedFirst, string? StartupPolicy)
{
    /// <summary>Whether the guest has it through VFIO.</summary>
    public bool IsVfio => Kind is "pci" or "mdev" or "interface";

    /// <summary>What to call it to people.</summary>
    /// <returns>The kind and the name.</returns>
    public override string ToString() => Kind switch
    {
        "pci" => $"PCI device {Name}",
        "usb" => $"USB device {Name}",
        "mdev" => $"mediated device {Name}",
        "interface" => $"network card {Name}",
        _ => $"{Kind} device {Name}",
    };

    internal static PassedThroughDevice Read(XElement device)
    {
        var source = device.Element("source");
        var address = source?.Element("address");
        var kind = device.Name.LocalName is "interface" ? "interface" : device.Attr("type") ?? string.Empty;
        var name = kind switch
        {
            "pci" or "interface" => PciAddress(address),
            "usb" when source?.Element("vendor") is { } vendor => $"{Hex(vendor.Attr("id"), 4)}:{Hex(source.Element("product").Attr("id"), 4)}",
            "usb" => $"{address.Attr("bus")}.{address.Attr("device")}",
            "mdev" => address.Attr("uuid"),
            "scsi_host" => source.Attr("wwpn"),
            _ => source?.Element("adapter").Attr("name") ?? source.Attr("name"),
        };
        return new(kind, name ?? string.Empty, device.Element("teaming").Attr("type") is "transient", source.Attr("startupPolicy"));
    }

    internal static string PciAddress(XElement? address) =>
        $"{Hex(address.Attr("domain"), 4)}:{Hex(address.Attr("bus"), 2)}:{Hex(address.Attr("slot"), 2)}.{Hex(address.Attr("function"), 1)}";

    private static string Hex(string? number, int digits)
    {
        number ??= "0";
        var text = number.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? number[2..] : number;
        return int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value.ToString($"x{digits}", CultureInfo.InvariantCulture)
            : text;
    }
}

/// <summary>A directory of the host that the guest sees.</summary>
/// <param name="Source">The directory, or the socket of the daemon that serves it.</param>
/// <param name="Target">The tag that the guest mounts it by.</param>
/// <param name="IsVirtiofs">Whether it is served by virtiofsd; false for 9p.</param>
internal sealed record SharedDirectory(string Source, string Target, bool IsVirtiofs)
{
    /// <summary>What to call it to people.</summary>
    /// <returns>The tag and the directory.</returns>
    public override string ToString() => $"{Target} ({Source})";

    internal static SharedDirectory Read(XElement filesystem) => new(
        filesystem.Element("source").Attr("dir") ?? filesystem.Element("source").Attr("socket") ?? string.Empty,
        filesystem.Element("target").Attr("dir") ?? string.Empty,
        filesystem.Element("driver").Attr("type") is "virtiofs");
}

/// <summary>Memory that the guest shares with others on its host (shmem).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Model">Its model, such as <c>ivshmem-plain</c>.</param>
/// <param name="Role">Whether its content moves with this VM: <c>master</c>, else <c>peer</c> or null.</param>
internal sealed record SharedMemoryDevice(string Name, string? Model, string? Role)
{
    internal static SharedMemoryDevice Read(XElement shmem) =>
        new(shmem.Attr("name") ?? string.Empty, shmem.Element("model").Attr("type"), shmem.Attr("role"));
}

/// <summary>The guest's TPM.</summary>
/// <param name="Backend">What is behind it: <c>emulator</c> (swtpm), <c>passthrough</c> or <c>external</c>.</param>
/// <param name="Model">What the guest sees, such as <c>tpm-crb</c>.</param>
/// <param name="Version">The version of TPM, such as <c>2.0</c>; null where none is given.</param>
/// <param name="Secret">The UUID of the secret that its state is encrypted with; null where it is not.</param>
/// <param name="Device">The host's device that is passed through; null for other backends.</param>
internal sealed record TpmDevice(string Backend, string? Model, string? Version, Guid? Secret, string? Device)
{
    internal static TpmDevice? Read(XElement tpm) => tpm.Element("backend") is { } backend
        ? new(
            backend.Attr("type") ?? string.Empty,
            tpm.Attr("model"),
            backend.Attr("version"),
            Guid.TryParse(backend.Element("encryption").Attr("secret"), out var secret) ? secret : null,
            backend.Element("device").Attr("path"))
        : null;
}

/// <summary>Where the guest's screen is served.</summary>
/// <param name="Type">The protocol: <c>vnc</c> or <c>spice</c>.</param>
/// <param name="Address">The address that it is served at; null where the host's configuration says it.</param>
internal sealed record GraphicsListener(string Type, string? Address)
{
    // Older definitions have the address on the graphics element itself.
    internal static IEnumerable<GraphicsListener> ReadAll(XElement graphics) => graphics.Elements("listen").DefaultIfEmpty(graphics)
        .Where(l => l == graphics || l.Attr("type") is "address")
        .Select(l => new GraphicsListener(graphics.Attr("type")!, l.Attr(l == graphics ? "listen" : "address")));
}

/// <summary>Something of the host's file system at the other end of a guest's serial line, channel or random number generator.</summary>
/// <param name="Device">What to call the guest's end to people, such as <c>serial port 0</c>.</param>
/// <param name="Path">The path.</param>
/// <param name="IsMade">Whether the hypervisor makes it, so that its directory is enough.</param>
internal sealed record HostEndpoint(string Device, string Path, bool IsMade)
{
    /// <summary>What must be there: the path itself, or its directory.</summary>
    public string Needed => IsMade ? System.IO.Path.GetDirectoryName(Path) ?? Path : Path;

    /// <summary>What to call it to people.</summary>
    /// <returns>The device and the path.</returns>
    public override string ToString() => $"{Device} ({Path})";

    // Libvirt names the sockets of a channel itself where the definition names none, and does so again at the destination.
    internal static HostEndpoint? ReadCharacterDevice(XElement element)
    {
        var target = element.Element("target");
        var name = $"{element.Name.LocalName} {target.Attr("name") ?? target.Attr("port")}".Trim();
        var source = element.Element("source");
        return source.Attr("path") is not { Length: > 0 } path ? null : element.Attr("type") switch
        {
            "file" => new(name, path, IsMade: true),
            "pipe" or "dev" => new(name, path, IsMade: false),
            "unix" when path.Contains("/qemu/channel/", StringComparison.Ordinal) => null,
            "unix" => new(name, path, IsMade: source.Attr("mode") is not "connect"),
            _ => null,
        };
    }
}
