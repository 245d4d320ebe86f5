using System.Net;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// The source finds the address of the name that it is told to send memory to: the destination's own host name, not the name in the
/// destination's URI, unless -MigrateUri names another.
/// </summary>
internal sealed class HostNameResolvesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject =>
        "The source can resolve the name that memory is sent to: the destination's own host name, unless -MigrateUri or qemu.conf gives " +
        "another.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network)
        {
            return NotApplicable($"Not needed: {route.Elsewhere}.");
        }

        if (IPAddress.TryParse(route.Host, out _))
        {
            return Passed($"Memory is sent to {route.Host}, an address: no name has to be resolved.")
                .Seen(context.DestinationName, route.Origin, route.Host);
        }

        if (context.Source.Probe is { } source && await source.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) is { } found)
        {
            var finding = found.Count > 0
                ? Passed($"{source.From} resolves '{route.Host}' to {found}.")
                : Failed(
                    $"{source.From} can't resolve '{route.Host}', the name that memory is sent to.",
                    advice: $"Make '{route.Host}' resolvable on the source (DNS or /etc/hosts), or give an address: -MigrateUri tcp://<address of " +
                        $"{context.DestinationName}>",
                    libvirt: $"{(context.Options.Has(MigrationOptions.Parallel)
                        ? $"address resolution failed for {route.Host}"
                        : $"Unable to resolve address '{route.Host}' service")}");
            return Seen(finding, source.From, found);
        }

        var client = context.Client;
        var here = await client.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) ?? [];
        return Seen(
            NotVerified(
                $"{client.From} {(here.Count > 0 ? "can" : "can't")} resolve '{route.Host}', the name that memory is sent to. Can't tell from " +
                    $"here whether the source can.",
                advice: $"Test it on the source: getent ahosts {route.Host}. Or give an address: -MigrateUri tcp://<address of " +
                    $"{context.DestinationName}>"),
            client.From,
            here);

        Finding Seen(Finding finding, string from, IReadOnlyList<IPAddress> addresses) => finding
            .Seen(context.DestinationName, route.Origin, route.Host)
            .Seen(from, $"addresses of {route.Host}", addresses.Count == 0 ? null : string.Join(", ", addresses));
    }
}
