using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// One connection's thread fills about 10 Gbit/s, so that a faster link takes several (-Parallel): one for every 10 Gbit/s of the slower
/// host's link.
/// </summary>
internal sealed class ConnectionsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Bandwidth;
    public override string Subject => "Memory is sent over one connection for every 10 Gbit/s of the slower host's link (-Parallel).";
    public override bool IsQuick => false;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network)
        {
            return NotApplicable($"Not needed: {route.Elsewhere}.");
        }

        var connections = context.Options.Connections;
        var some = Units.Count(connections, "connection", "connections");
        var link = await MigrationLink.OfAsync(context, cancellationToken).ConfigureAwait(false);
        var rate = context.Options.Number(MigrationOptions.Bandwidth) is { } limit && limit < (link.BytesPerSecond ?? long.MaxValue) ? limit : link.BytesPerSecond;
        var finding = rate is not { } known
            ? NotVerified(
                $"Can't tell whether {some} can fill the link: the hosts don't report its speed.",
                advice: $"Find it out on both hosts: ethtool <interface> | grep Speed. One connection fills about 10 Gbit/s: -Parallel <number>")
            : MigrationLink.ConnectionsFor(known) is var wanted && wanted > connections
                ? Warning(
                    $"{some} can't fill {Units.BitRate(known)}.",
                    advice: $"Use more connections: -Parallel {wanted}")
                : Passed($"{some} can fill {Units.BitRate(known)}.");
        return link.Evidence.Aggregate(finding, (f, e) => f.Seen(e.Host, e.What, e.Value));
    }
}
