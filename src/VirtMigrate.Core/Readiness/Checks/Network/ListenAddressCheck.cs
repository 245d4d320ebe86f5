using System.Net;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The address that the destination is told to listen on (-ListenAddress) is one of its own, and the one that memory is sent to.</summary>
internal sealed class ListenAddressCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject => "The address of -ListenAddress is one of the destination's own, and the one that memory is sent to.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network || context.Options.Text(MigrationOptions.ListenAddress) is not { Length: > 0 } text
            || !IPAddress.TryParse(text.Trim('[', ']'), out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return NotApplicable($"The destination listens on all of its addresses.");
        }

        if (context.Destination.Shell is { } shell
            && await shell.RunAsync(["ip", "-o", "address"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var lines }
            && !lines.Contains($" {address}/", StringComparison.Ordinal))
        {
            return Failed(
                $"-ListenAddress {address} is not an address of '{context.DestinationName}'.",
                advice: $"Give an address of {context.DestinationName} (ip -brief address), or leave -ListenAddress out.",
                libvirt: $"Cannot assign requested address").Seen(context.DestinationName, "ip -o address", $"no {address}");
        }

        var probe = context.BestProbe;
        var target = await probe.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) ?? [];
        var finding = target.Contains(address) ? Passed($"The destination listens on {address}, which memory is sent to.")
            : IPAddress.IsLoopback(address) && !target.Any(IPAddress.IsLoopback)
                ? Failed(
                    $"-ListenAddress {address} is a loopback address, which only '{context.DestinationName}' itself can reach; memory is sent to " +
                        $"'{route.Host}'.",
                    advice: $"Give the address that the source reaches {context.DestinationName} at, or leave -ListenAddress out.",
                    libvirt: $"{route.ConnectError}")
            : target.Count == 0
                ? NotVerified(
                    $"-ListenAddress is {address}. Can't tell from here whether '{route.Host}', which memory is sent to, has that address.",
                    advice: $"Send memory to the same address: -MigrateUri tcp://{address}.")
            : Warning(
                $"-ListenAddress is {address}, but memory is sent to '{route.Host}', which is {target}.",
                advice: $"Send memory to the same address: -MigrateUri tcp://{address}.");
        return finding.Seen(probe.From, $"addresses of {route.Host}", target.Count == 0 ? null : string.Join(", ", target));
    }
}
