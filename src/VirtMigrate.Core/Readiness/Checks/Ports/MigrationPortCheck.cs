using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// The destination's QEMU listens on a port that the source must reach. QEMU takes the first connection for the migration, so that a port
/// must not be touched on which one may wait: of libvirt's range, whose first free port it gives out, the last one is tried.
/// </summary>
internal sealed class MigrationPortCheck : PortCheck
{
    public override string Subject =>
        "A port that QEMU on the destination would listen on is reached: the one in -MigrateUri, else the last one of libvirt's range, " +
        "as a sample.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (Elsewhere(route) is { } elsewhere)
        {
            return elsewhere;
        }

        return route.Port is { } port
            ? await CheckFixedAsync(
                context,
                route.Host,
                port,
                (host, from) => Failed(
                    $"Seen from {from}, a program already listens on port {port} of '{host}'. If it listens on IPv4 only, QEMU can still bind " +
                        $"IPv6, and memory would be sent to that program.",
                    advice: $"Leave the port out, so that libvirt chooses a free one: -MigrateUri tcp://{host}. To see which program, on " +
                        $"{context.DestinationName}: ss -Htlnp sport = :{port}",
                    libvirt: $"Address already in use"),
                incoming => NotVerified(
                    $"Port {port} of '{route.Host}' is not tested, because QEMU may be waiting there for {incoming}, now migrating to " +
                        $"{context.DestinationName}, and would take the test for that migration.",
                    advice: $"Check again when no VM is migrating to {context.DestinationName}, or leave the port out, so that libvirt chooses " +
                        $"a free one."),
                view => Blocked(context, view, "port", [port], route.ConnectError, OpenRange(context)),
                cancellationToken).ConfigureAwait(false)
            : await CheckSampleAsync(context, route, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Finding> CheckSampleAsync(CheckContext context, MigrationRoute route, CancellationToken cancellationToken)
    {
        if (await PortView.OfAsync(context, route.Host, [route.LastPort], cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return Unseen(route.Host, $"port {route.LastPort}");
        }

        if (IsReached(view.Answers[route.LastPort]))
        {
            return With(Reached(view, route.LastPort), view);
        }

        var blocked = Blocked(context, view, "port", [route.LastPort], route.ConnectError, OpenRange(context));

        // A firewall may let some of the range in. The first ports are those that libvirt takes.
        if (view.Answers[route.LastPort] == PortAnswer.NameUnknown || await IsInUseAsync(context, route.FirstPort, cancellationToken).ConfigureAwait(false))
        {
            return With(view.IsDecisive && view.Answers[route.LastPort] != PortAnswer.NameUnknown
                ? Warning(
                    $"From {view.From}, port {route.LastPort} of '{view.Host}' is closed. The first ports of the range, which libvirt uses, are " +
                        $"not tested while they are in use.",
                    advice: OpenRange(context))
                : blocked, view);
        }

        var first = await PortView.OfAsync(context, route.Host, [route.FirstPort], cancellationToken).ConfigureAwait(false);
        return first is not null && IsReached(first.Answers[route.FirstPort])
            ? With(With(Warning(
                $"From {view.From}, port {route.LastPort} of '{view.Host}' is closed, but {route.FirstPort} is reached: a firewall allows only " +
                    $"part of libvirt's range.",
                advice: OpenRange(context)), view), first)
            : With(blocked, view);
    }

    private static async Task<bool> IsInUseAsync(CheckContext context, int port, CancellationToken cancellationToken)
    {
        var listeners = await HostListeners.ReadAsync(context.Destination.Shell, cancellationToken).ConfigureAwait(false);
        return listeners?.Ports.ContainsKey(port) == true || (await ListIncomingAsync(context).ConfigureAwait(false)).Count > 0;
    }
}
