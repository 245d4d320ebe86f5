using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The source reaches the destination at the address that data goes to: somebody there answers at a port, be it that nobody listens. All of
/// a migration's data connections go from the source to the destination, none the other way.
/// </summary>
public sealed class HostReachableCheck : ReadinessCheck
{
    private static readonly int[] DaemonPorts = [22, 16509, 16514];

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override bool IsQuick => false;

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

        // A firewall may keep silent for one port and answer at another, so that the usual ports of daemons are tried as well.
        int[] ports = [.. DaemonPorts.Where(p => p != route.Port), .. Sample(route)];
        if (await PathView.OfAsync(move, route.Host, ports, cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return NotVerified("Unseen", route.Host, "this computer", string.Empty);
        }

        var best = view.Answers.Values.Min();
        object[] values = [view.Host, view.From, route.ConnectError];
        var finding = best switch
        {
            PortAnswer.Open or PortAnswer.Refused or PortAnswer.Rejected => Passed("Reached", values),
            PortAnswer.NameUnknown => NotVerified("NameUnknown", values),
            _ when !view.IsDecisive => NotVerified("Elsewhere", values),
            PortAnswer.Unreachable => Failed("NoRoute", values),

            // That all of these ports are silent proves nothing of those that are not tried.
            _ => Warning("Silent", values),
        };
        return finding with { Evidence = view.Evidence };
    }

    // Not a port that was asked for: a QEMU may wait there.
    private static int[] Sample(MigrationRoute route) => route.Port is null ? [route.LastPort] : [];
}
