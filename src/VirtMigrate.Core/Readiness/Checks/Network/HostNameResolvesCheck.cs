using System.Net;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The source finds the address of the name that it is told to send memory to: the destination's own host name, not the name in the
/// destination's URI, unless -MigrateUri names another.
/// </summary>
public sealed class HostNameResolvesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network)
        {
            return NotApplicable("OtherWay", route.Elsewhere);
        }

        if (IPAddress.TryParse(route.Host, out _))
        {
            return Passed("Address", route.Host).Seen(move.DestinationName, route.Origin, route.Host);
        }

        if (move.Path.Source is { } source && await source.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) is { } found)
        {
            var error = move.Options.Has(MigrationOptions.Parallel) ? "address resolution failed for " + route.Host : $"Unable to resolve address '{route.Host}' service";
            return Seen(found.Count > 0 ? Passed("Resolves", route.Host, source.From, string.Join(", ", found)) : Failed("Unknown", route.Host, source.From, error), source.From, found);
        }

        var client = move.Path.Client;
        var here = await client.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) ?? [];
        return Seen(NotVerified(here.Count > 0 ? "OnlyHere" : "UnknownHere", route.Host, client.From), client.From, here);

        ReadinessFinding Seen(ReadinessFinding finding, string from, IReadOnlyList<IPAddress> addresses) => finding
            .Seen(move.DestinationName, route.Origin, route.Host)
            .Seen(from, $"addresses of {route.Host}", addresses.Count == 0 ? null : string.Join(", ", addresses));
    }
}
