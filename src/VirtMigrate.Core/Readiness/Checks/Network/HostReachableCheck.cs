using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// The source reaches the destination at the address that data goes to: somebody there answers at a port, be it that nobody listens. All of
/// a migration's data connections go from the source to the destination, none the other way.
/// </summary>
internal sealed class HostReachableCheck : ReadinessCheck
{
    private static readonly int[] DaemonPorts = [22, 16509, 16514];

    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject =>
        "The source reaches the destination at the address that data is sent to. All data connections go that way, none back.";
    public override bool IsQuick => false;
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network)
        {
            return NotApplicable($"Not needed: {route.Elsewhere}.");
        }

        // A firewall may keep silent for one port and answer at another, so that the usual ports of daemons are tried as well.
        int[] ports = [.. DaemonPorts.Where(p => p != route.Port), .. Sample(route)];
        if (await PortView.OfAsync(context, route.Host, ports, cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return NotVerified(
                $"Only the source can test whether '{route.Host}' is reached, and no command can be run there.",
                advice: $"Test it on the source: ping -c 1 {route.Host}. Or connect to the source over qemu+ssh, and this check runs the test " +
                    $"there.");
        }

        var best = view.Answers.Values.Min();
        var finding = best switch
        {
            PortAnswer.Open or PortAnswer.Refused or PortAnswer.Rejected => Passed($"From {view.From}, '{view.Host}' answers."),
            PortAnswer.NameUnknown => NotVerified(
                $"{view.From} can't resolve '{view.Host}'.",
                advice: $"Give the destination's address: -MigrateUri tcp://<address of {context.DestinationName}>."),
            _ when !view.IsDecisive => NotVerified(
                $"{view.From} does not reach '{view.Host}'; it reaches the destination at another address. The source may still reach it.",
                advice: $"Test it on the source: ping -c 1 {view.Host}"),
            PortAnswer.Unreachable => Failed(
                $"From {view.From} there is no route to '{view.Host}', or the host does not answer.",
                advice: $"Check the route on the source: ip route get {view.Host}. To send data over another network, give the " +
                    $"destination's address there: -MigrateUri tcp://<address>.",
                libvirt: $"{route.ConnectError}"),

            // That all of these ports are silent proves nothing of those that are not tried.
            _ => Warning(
                $"From {view.From} nothing answers at '{view.Host}', neither at the ports of ssh and libvirt nor at one of QEMU's: a firewall " +
                    $"drops the packets, or the host is off.",
                advice: $"Check the route on the source: ip route get {view.Host}; ping -c 1 {view.Host}. To send data over another network, " +
                    $"give the destination's address there: -MigrateUri tcp://<address>."),
        };
        return finding with { Evidence = view.Evidence };
    }

    // Not a port that was asked for: a QEMU may wait there.
    private static int[] Sample(MigrationRoute route) => route.Port is null ? [route.LastPort] : [];
}
