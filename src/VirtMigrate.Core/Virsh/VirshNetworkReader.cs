using System.Text.RegularExpressions;
using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Virsh;

/// <summary>
/// Reads a host's virtual networks and network interfaces: their lists in one run of virsh, and each of them in as few as their number
/// allows. The guests' own interfaces are left out.
/// </summary>
internal sealed partial class VirshNetworkReader(IVirsh virsh)
{
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) =>
        virsh.ReadAllAsync("net", "network", HostNetwork.Read, cancellationToken);

    /// <summary>Reads all interfaces, by name.</summary>
    /// <exception cref="HypervisorNotSupportedException">The host can list none.</exception>
    public async Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([["iface-list", "--all"], ["nodedev-list", "--cap", "net"]], cancellationToken).ConfigureAwait(false);
        var interfaces = await TryAsync(() => ReadInterfacesAsync(lists[0], cancellationToken)).ConfigureAwait(false);
        var devices = await TryAsync(() => ReadDevicesAsync(lists[1], interfaces.Found ?? [], cancellationToken)).ConfigureAwait(false);
        return interfaces.Found is null && devices.Found is null
            ? throw interfaces.Trouble!
            : HostInterface.Merge(interfaces.Found, devices.Found);
    }

    private async Task<IReadOnlyList<HostInterface>> ReadInterfacesAsync(VirshResult list, CancellationToken cancellationToken)
    {
        var names = ParseInterfaces(list.OutputOrThrow());
        var answers = await AskAsync("iface-dumpxml", "--interface", names, cancellationToken).ConfigureAwait(false);

        // One whose details the driver can't read is there all the same.
        return
        [
            .. names.Zip(answers).Where(a => !a.Second.IsGone)
                .Select(a => a.Second.Error?.Error?.Code is LibvirtErrorCode.InternalError or LibvirtErrorCode.SystemError
                    ? new(a.First, null, null)
                    : VirshOutput.Xml(a.Second.OutputOrThrow(), "interface", x => HostInterface.Read(a.First, x))),
        ];
    }

    private async Task<IReadOnlyList<HostInterface>> ReadDevicesAsync(
        VirshResult list, IReadOnlyList<HostInterface> known, CancellationToken cancellationToken)
    {
        string[] names = [.. HostInterface.SelectUnknown(VirshOutput.Names(list.OutputOrThrow()), n => n, known)];
        var answers = await AskAsync("nodedev-dumpxml", "--device", names, cancellationToken).ConfigureAwait(false);
        return
        [
            .. VirshResult.TakeUnlessGone(names, answers)
                .Select(d => VirshOutput.Xml(d.Output, "device", HostInterface.ReadDevice)).OfType<HostInterface>(),
        ];
    }

    private async Task<IReadOnlyList<VirshResult>> AskAsync(
        string command, string option, IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        await virsh.RunManyAsync([.. names.Select(n => (string[])[command, option, n])], cancellationToken).ConfigureAwait(false);

    // A modular daemon whose neighbour is not installed says so in its own way; only a lost connection is another matter.
    private async Task<(IReadOnlyList<HostInterface>? Found, HypervisorException? Trouble)> TryAsync(Func<Task<IReadOnlyList<HostInterface>>> read)
    {
        try
        {
            return (await read().ConfigureAwait(false), null);
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException and not VirshOutputException)
        {
            return (null, e is { Error: { } error } ? new HypervisorNotSupportedException(error, virsh.Address) : e);
        }
    }

    /// <summary>Parses <c>iface-list</c>: a table of names, states and addresses, without its header.</summary>
    public static IReadOnlyList<string> ParseInterfaces(string text)
    {
        const string What = "a list of network interfaces";
        var names = VirshOutput.Lines(text, What).Select(l => InterfaceRow().Match(l) is { Success: true } row
            ? VirshOutput.Cell(row.Groups["name"].Value)
            : throw new VirshOutputException(What, l)).ToList();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count ? names : throw new VirshOutputException(What, text);
    }

    // No name of an interface has a space in it.
    [GeneratedRegex(@"^ (?<name>[^ ]+) {3,}(active {3,}|inactive {3,})([0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InterfaceRow();
}
