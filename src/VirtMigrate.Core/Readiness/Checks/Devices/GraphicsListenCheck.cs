using System.Net;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A screen that is served at a fixed address needs that address at the destination.</summary>
public sealed class GraphicsListenCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var listeners = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).GraphicsListeners;
        if (!move.IsLive || listeners.Count == 0)
        {
            return NotApplicable("None");
        }

        var names = string.Join(", ", listeners.Select(l => $"{l.Type} at {l.Address ?? "the host's default"}"));
        var fixedOnes = listeners.Where(l => IPAddress.TryParse(l.Address, out var address) && !IsEverywhere(address)).ToArray();
        var finding = fixedOnes.Length == 0
            ? Passed("Anywhere", names)
            : await JudgeAsync(move, fixedOnes, cancellationToken).ConfigureAwait(false);
        return finding.Seen(move.Vm.Vm.VmHost.Name, "domain XML, graphics", names);
    }

    private static async Task<ReadinessFinding> JudgeAsync(ReadinessMove move, GraphicsListener[] listeners, CancellationToken cancellationToken)
    {
        var there = await AddressesAsync(move, move.DestinationName, move.Destination.Address.HostName, cancellationToken).ConfigureAwait(false);
        var here = await AddressesAsync(move, move.Vm.Vm.VmHost.Name, move.Source.Address.HostName, cancellationToken).ConfigureAwait(false);
        var all = await OwnAddressesAsync(move, cancellationToken).ConfigureAwait(false);
        var lacking = listeners.FirstOrDefault(l => !(all ?? there).Contains(IPAddress.Parse(l.Address!)));
        var finding = lacking is null ? Passed("There", string.Join(", ", listeners.Select(l => l.Address)))
            : all is null && !here.Contains(IPAddress.Parse(lacking.Address!)) ? NotVerified("Unknown", lacking.Type, lacking.Address)
            : await ComesFromSettingsAsync(move, lacking, cancellationToken).ConfigureAwait(false) switch
            {
                true => Passed("Settings", lacking.Type, lacking.Address),
                false => Failed("Lacking", lacking.Type, lacking.Address),
                null => Warning("PerhapsLacking", lacking.Type, lacking.Address),
            };
        return finding.Seen(move.DestinationName, all is null ? "addresses of its name" : "ip address", string.Join(", ", all ?? there));
    }

    // A running VM's definition shows an address that is the host's setting as if it were its own, but it does not take it along.
    private static async Task<bool?> ComesFromSettingsAsync(ReadinessMove move, GraphicsListener listener, CancellationToken cancellationToken)
    {
        if (move.Options.Has(MigrationOptions.DestinationXml))
        {
            return false;
        }

        string[] command = ["grep", "-s", $"^[[:space:]]*{listener.Type}_listen", "/etc/libvirt/qemu.conf"];
        var result = move.Path.SourceShell is { } shell ? await shell.RunAsync(command, cancellationToken).ConfigureAwait(false) : null;
        return result is { ExitCode: 0 or 1 or 2 } ? result.Output.Contains($"\"{listener.Address}\"", StringComparison.Ordinal) : null;
    }

    private static async Task<HashSet<IPAddress>> AddressesAsync(ReadinessMove move, string name, string? host, CancellationToken cancellationToken)
    {
        var found = new HashSet<IPAddress>();
        foreach (var one in new[] { name, host }.OfType<string>().Where(n => n.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            found.UnionWith(await move.Path.Best.ResolveAsync(one, cancellationToken).ConfigureAwait(false) ?? []);
        }

        return found;
    }

    // ip -oneline address: "2: eth0    inet 10.0.0.2/24 brd ..."
    private static async Task<HashSet<IPAddress>?> OwnAddressesAsync(ReadinessMove move, CancellationToken cancellationToken) =>
        move.Path.DestinationShell is { } shell &&
        await shell.RunAsync(["ip", "-oneline", "address"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 } result
            ? [.. result.Output.Split(' ', '\n').Where(w => w.Contains('/', StringComparison.Ordinal))
                .Select(w => IPAddress.TryParse(w.Split('/')[0], out var address) ? address : null).OfType<IPAddress>()]
            : null;

    private static bool IsEverywhere(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
