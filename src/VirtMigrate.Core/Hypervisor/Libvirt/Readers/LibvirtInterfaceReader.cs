using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt.Readers;

/// <summary>
/// Reads a host's network interfaces: two calls, and one for each interface. The guests' own are left out, so that it costs no more
/// on a host with many guests.
/// </summary>
/// <remarks>
/// Libvirt knows of them from two sides. Its interface driver tells MTU and speed, but leaves out what is part of a bridge (with
/// netcf it knows configured interfaces only); its node devices are complete, but need udev on the host and tell no MTU.
/// </remarks>
/// <param name="connection">The connection.</param>
/// <param name="address">The address that it was opened with.</param>
internal sealed unsafe partial class LibvirtInterfaceReader(ConnectionHandle connection, HostAddress address)
{
    private const uint NetworkDevices = 1 << 4;
    private const long Megabit = 1_000_000;

    /// <summary>Reads all interfaces.</summary>
    /// <returns>The interfaces, by name.</returns>
    /// <exception cref="HypervisorNotSupportedException">The host can list none.</exception>
    public IReadOnlyList<HostInterface> Read()
    {
        var interfaces = Try(ReadInterfaces, out var trouble);
        var devices = Try(() => ReadDevices(interfaces ?? []), out _);
        if (interfaces is null && devices is null)
        {
            throw trouble!;
        }

        return
        [
            .. (interfaces ?? []).Concat(devices ?? [])
                .DistinctBy(i => i.Name, StringComparer.Ordinal)
                .OrderBy(i => i.Name, StringComparer.Ordinal),
        ];
    }

    private HostInterface[] ReadInterfaces()
    {
        using var list = LibvirtList.Of(
            NativeMethods.ConnectListAllInterfaces, connection, 0, NativeMethods.InterfaceFree, address);
        return [.. list.Ask(ReadInterface).OfType<HostInterface>()];
    }

    private HostInterface? ReadInterface(nint networkInterface)
    {
        var name = Marshal.PtrToStringUTF8(NativeMethods.InterfaceGetName(networkInterface)) ?? string.Empty;
        byte* description = NativeMethods.InterfaceGetXmlDesc(networkInterface, 0);
        if (description == null && LibvirtErrors.Last().Code is LibvirtErrorCode.InternalError or LibvirtErrorCode.SystemError)
        {
            // One whose details the driver can't read is there all the same.
            return new(name, null, null);
        }

        return LibvirtList.TakeUnlessGone(description, address) is { } text && LibvirtXml.Parse(text) is var xml
            ? new(name, Speed(xml.Element("link")), (int?)xml.Element("mtu")?.Attribute("size"))
            : null;
    }

    private HostInterface[] ReadDevices(IReadOnlyCollection<HostInterface> known)
    {
        using var list = LibvirtList.Of(
            NativeMethods.ConnectListAllNodeDevices, connection, NetworkDevices, NativeMethods.NodeDeviceFree, address);
        string[] prefixes = [.. known.Where(i => i.Name.All(char.IsAsciiLetterOrDigit)).Select(i => $"net_{i.Name}_")];
        return
        [
            .. LibvirtList.Ask([.. list.Select(d => d).Where(d => IsNews(DeviceName(d), prefixes))], ReadDevice).OfType<HostInterface>(),
        ];
    }

    // A device is called net_<interface>_<address>, with _ for all that is neither letter nor digit: where the interface's own name
    // has such characters, the device's does not tell which interface it is.
    private static bool IsNews(string device, string[] known) =>
        !GuestDevice().IsMatch(device) && !known.Any(k => device.StartsWith(k, StringComparison.Ordinal));

    private HostInterface? ReadDevice(nint device)
    {
        if (LibvirtList.TakeUnlessGone(NativeMethods.NodeDeviceGetXmlDesc(device, 0), address) is not { } text)
        {
            return null;
        }

        var capability = LibvirtXml.Parse(text).Elements("capability").FirstOrDefault(c => (string?)c.Attribute("type") is "net");
        return (string?)capability?.Element("interface") is { } name
            ? new(name, Speed(capability.Element("link")), (int?)capability.Element("mtu")?.Attribute("size"))
            : null;
    }

    private static long? Speed(XElement? link) => (long?)link?.Attribute("speed") is > 0 and var speed ? speed * Megabit : null;

    private static string DeviceName(nint device) => Marshal.PtrToStringUTF8(NativeMethods.NodeDeviceGetName(device)) ?? string.Empty;

    // A modular daemon whose neighbour is not installed says so in its own way; only a lost connection is another matter.
    private HostInterface[]? Try(Func<HostInterface[]> read, out HypervisorException? trouble)
    {
        try
        {
            trouble = null;
            return read();
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException)
        {
            trouble = e is { Error: { } error } ? new HypervisorNotSupportedException(error, address) : e;
            return null;
        }
    }

    [GeneratedRegex(@"^net_(vnet|macvtap|macvlan)\d+_", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GuestDevice();
}
