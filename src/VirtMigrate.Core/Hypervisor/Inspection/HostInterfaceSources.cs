using System.Text.RegularExpressions;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Puts together the two lists that libvirt has of a host's network interfaces. The guests' own are left out.</summary>
/// <remarks>
/// Its interface driver tells MTU and speed, but leaves out what is part of a bridge (with netcf it knows configured interfaces only);
/// its node devices are complete, but need udev on the host and tell no MTU.
/// </remarks>
internal static partial class HostInterfaceSources
{
    /// <summary>Puts both lists into one.</summary>
    /// <param name="interfaces">What the interface driver knows; null where it can't be asked.</param>
    /// <param name="devices">What the node devices tell; null where they can't be asked.</param>
    /// <returns>The interfaces, by name.</returns>
    public static IReadOnlyList<HostInterface> Merge(IEnumerable<HostInterface>? interfaces, IEnumerable<HostInterface>? devices) =>
    [
        .. (interfaces ?? []).Concat(devices ?? [])
            .DistinctBy(i => i.Name, StringComparer.Ordinal)
            .OrderBy(i => i.Name, StringComparer.Ordinal),
    ];

    /// <summary>Picks the devices that have to be asked about.</summary>
    /// <typeparam name="T">What stands for a device.</typeparam>
    /// <param name="devices">The devices.</param>
    /// <param name="name">Tells a device's name.</param>
    /// <param name="known">The interfaces that are known already.</param>
    /// <returns>The devices that may be other interfaces of the host.</returns>
    /// <remarks>
    /// A device is called net_&lt;interface&gt;_&lt;address&gt;, with _ for all that is neither letter nor digit: where the interface's
    /// own name has such characters, the device's does not tell which interface it is.
    /// </remarks>
    public static IEnumerable<T> News<T>(IEnumerable<T> devices, Func<T, string> name, IEnumerable<HostInterface> known)
    {
        string[] prefixes = [.. known.Where(i => i.Name.All(char.IsAsciiLetterOrDigit)).Select(i => $"net_{i.Name}_")];
        return devices.Where(d => name(d) is var device && !GuestDevice().IsMatch(device)
            && !Array.Exists(prefixes, p => device.StartsWith(p, StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"^net_(vnet|macvtap|macvlan)\d+_", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex GuestDevice();
}
