using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// One connection's thread fills about 10 Gbit/s, so that a faster link takes several (-Parallel): one for every 10 Gbit/s of the slower
/// host's link.
/// </summary>
public sealed class ConnectionsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Bandwidth;

    /// <inheritdoc/>
    public override bool IsQuick => false;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network)
        {
            return NotApplicable("OtherWay", route.Elsewhere);
        }

        var connections = move.Options.Connections;
        var link = await MigrationLink.OfAsync(move, cancellationToken).ConfigureAwait(false);
        var rate = move.Options.Number(MigrationOptions.Bandwidth) is { } limit && limit < (link.BytesPerSecond ?? long.MaxValue) ? limit : link.BytesPerSecond;
        var finding = rate is not { } known
            ? NotVerified("Untold", connections)
            : MigrationLink.ConnectionsFor(known) is var wanted && wanted > connections
                ? Warning("TooFew", connections, Rates.Gigabits(known), wanted)
                : Passed("Enough", connections, Rates.Gigabits(known));
        return link.Evidence.Aggregate(finding, (f, e) => f.Seen(e.Host, e.What, e.Value));
    }
}
