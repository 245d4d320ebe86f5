using System.Net;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>A screen that is served at a fixed address needs that address at the destination.</summary>
internal sealed class GraphicsListenCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "The destination has the addresses that the VM's VNC and SPICE servers listen on.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var listeners = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).GraphicsListeners;
        if (!context.IsLive || listeners.Count == 0)
        {
            return NotApplicable($"No VNC or SPICE server listens on an address.");
        }

        var names = string.Join(", ", listeners.Select(l => $"{l.Type} at {l.Address ?? "the host's default"}"));
        var fixedOnes = listeners.Where(l => IPAddress.TryParse(l.Address, out var address) && !IsEverywhere(address)).ToArray();
        var finding = fixedOnes.Length == 0
            ? Passed($"VNC and SPICE listen on addresses that every host has: {names}.")
            : await JudgeAsync(context, fixedOnes, cancellationToken).ConfigureAwait(false);
        return finding.Seen(context.SourceName, "domain XML, graphics", names);
    }

    private static async Task<Finding> JudgeAsync(CheckContext context, GraphicsListener[] listeners, CancellationToken cancellationToken)
    {
        var there = await AddressesAsync(context, context.DestinationName, context.Destination.Address.HostName, cancellationToken).ConfigureAwait(false);
        var here = await AddressesAsync(context, context.SourceName, context.Source.Address.HostName, cancellationToken).ConfigureAwait(false);
        var all = await OwnAddressesAsync(context, cancellationToken).ConfigureAwait(false);
        var lacking = listeners.FirstOrDefault(l => !(all ?? there).Contains(IPAddress.Parse(l.Address!)));
        var finding = lacking is null
            ? Passed(
                $"'{context.DestinationName}' has the addresses that VNC and SPICE listen on: {listeners.Select(l => l.Address)}.")
            : all is null && !here.Contains(IPAddress.Parse(lacking.Address!))
                ? NotVerified(
                    $"The VM's {lacking.Type} server listens on {lacking.Address}. Can't tell from here whether '{context.DestinationName}' has " +
                        $"that address.",
                    advice: $"Check on '{context.DestinationName}': ip -brief address. If it lacks the address, migrate with a definition that has " +
                        $"another one (-DestinationXml).",
                    libvirt: $"Cannot assign requested address")
            : await ComesFromSettingsAsync(context, lacking, cancellationToken).ConfigureAwait(false) switch
            {
                true => Passed(
                    $"The VM's {lacking.Type} server listens on {lacking.Address} because qemu.conf of '{context.SourceName}' says so; " +
                        $"'{context.DestinationName}' has its own qemu.conf."),
                false => Failed(
                    $"The VM's {lacking.Type} server listens on {lacking.Address}, an address that '{context.DestinationName}' does not have.",
                    advice: $"Give the VM a definition for '{context.DestinationName}' in which it listens on 0.0.0.0 or on an address of that " +
                        $"host: virsh -c {context.SourceUri} dumpxml {context.VmName} --migratable > vm.xml, change the listen element, " +
                        $"then -DestinationXml (Get-Content -Raw vm.xml)",
                    libvirt: $"Cannot assign requested address"),
                null => Warning(
                    $"The VM's {lacking.Type} server listens on {lacking.Address}, which '{context.DestinationName}' does not have. The VM can't " +
                        $"move if that is in its definition, and not only in qemu.conf of '{context.SourceName}'.",
                    advice: $"Check whether the definition has the address: virsh -c {context.SourceUri} dumpxml {context.VmName} --migratable. If " +
                        $"so, migrate with a definition that has another one (-DestinationXml). Or connect to '{context.SourceName}' over " +
                        $"qemu+ssh, and this check looks there.",
                    libvirt: $"Cannot assign requested address"),
            };
        return finding.Seen(context.DestinationName, all is null ? "addresses of its name" : "ip address", string.Join(", ", all ?? there));
    }

    // A running VM's definition shows an address that is the host's setting as if it were its own, but it does not take it along.
    private static async Task<bool?> ComesFromSettingsAsync(CheckContext context, GraphicsListener listener, CancellationToken cancellationToken)
    {
        if (context.Options.Has(MigrationOptions.DestinationXml))
        {
            return false;
        }

        string[] command = ["grep", "-s", $"^[[:space:]]*{listener.Type}_listen", "/etc/libvirt/qemu.conf"];
        var result = context.Source.Shell is { } shell ? await shell.RunAsync(command, cancellationToken).ConfigureAwait(false) : null;
        return result is { ExitCode: 0 or 1 or 2 } ? result.Output.Contains($"\"{listener.Address}\"", StringComparison.Ordinal) : null;
    }

    private static async Task<HashSet<IPAddress>> AddressesAsync(CheckContext context, string name, string? host, CancellationToken cancellationToken)
    {
        var found = new HashSet<IPAddress>();
        foreach (var one in new[] { name, host }.OfType<string>().Where(n => n.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            found.UnionWith(await context.BestProbe.ResolveAsync(one, cancellationToken).ConfigureAwait(false) ?? []);
        }

        return found;
    }

    // ip -oneline address: "2: eth0    inet 10.0.0.2/24 brd ..."
    private static async Task<HashSet<IPAddress>?> OwnAddressesAsync(CheckContext context, CancellationToken cancellationToken) =>
        context.Destination.Shell is { } shell &&
        await shell.RunAsync(["ip", "-oneline", "address"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 } result
            ? [.. result.Output.Split(' ', '\n').Where(w => w.Contains('/', StringComparison.Ordinal))
                .Select(w => IPAddress.TryParse(w.Split('/')[0], out var address) ? address : null).OfType<IPAddress>()]
            : null;

    private static bool IsEverywhere(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
