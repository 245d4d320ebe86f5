using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Hypervisor.Virsh.Parsing.Host;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>
/// Reads a host's network interfaces: their lists in one run of virsh, and each of them in as few as their number allows. The guests'
/// own are left out.
/// </summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshInterfaceReader(IVirsh virsh)
{
    /// <summary>Reads all interfaces.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The interfaces, by name.</returns>
    /// <exception cref="HypervisorNotSupportedException">The host can list none.</exception>
    public async Task<IReadOnlyList<HostInterface>> ListAsync(CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([["iface-list", "--all"], ["nodedev-list", "--cap", "net"]], cancellationToken).ConfigureAwait(false);
        var interfaces = await TryAsync(() => ReadInterfacesAsync(lists[0], cancellationToken)).ConfigureAwait(false);
        var devices = await TryAsync(() => ReadDevicesAsync(lists[1], interfaces.Found ?? [], cancellationToken)).ConfigureAwait(false);
        return interfaces.Found is null && devices.Found is null
            ? throw interfaces.Trouble!
            : HostInterface.Merge(interfaces.Found, devices.Found);
    }

    private async Task<IReadOnlyList<HostInterface>> ReadInterfacesAsync(VirshAnswer list, CancellationToken cancellationToken)
    {
        var names = IfaceListOutput.Read(list.Take());
        var answers = await AskAsync("iface-dumpxml", "--interface", names, cancellationToken).ConfigureAwait(false);

        // One whose details the driver can't read is there all the same.
        return
        [
            .. names.Zip(answers).Where(a => !VirshRefusal.IsGone(a.Second.Error))
                .Select(a => a.Second.Error?.Error?.Code is LibvirtErrorCode.InternalError or LibvirtErrorCode.SystemError
                    ? new(a.First, null, null)
                    : XmlOutput.Read(a.Second.Take(), "interface", x => HostInterface.Read(a.First, x))),
        ];
    }

    private async Task<IReadOnlyList<HostInterface>> ReadDevicesAsync(
        VirshAnswer list, IReadOnlyList<HostInterface> known, CancellationToken cancellationToken)
    {
        string[] names = [.. HostInterface.SelectUnknown(NamesOutput.Read(list.Take()), n => n, known)];
        var answers = await AskAsync("nodedev-dumpxml", "--device", names, cancellationToken).ConfigureAwait(false);
        return
        [
            .. VirshRefusal.TakeUnlessGone(names, answers)
                .Select(d => XmlOutput.Read(d.Output, "device", HostInterface.ReadDevice)).OfType<HostInterface>(),
        ];
    }

    private async Task<IReadOnlyList<VirshAnswer>> AskAsync(
        string command, string option, IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        names.Count == 0 ? [] : await virsh.RunManyAsync([.. names.Select(n => (string[])[command, option, n])], cancellationToken).ConfigureAwait(false);

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
}
