using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The destination's QEMU listens on a port that the source must reach. QEMU takes the first connection for the migration, so that a port
/// must not be touched on which one may wait: of libvirt's range, whose first free port it gives out, the last one is tried.
/// </summary>
public sealed class MigrationPortCheck : PortCheck
{
    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (Elsewhere(route) is { } elsewhere)
        {
            return elsewhere;
        }

        return route.Port is { } port
            ? await CheckFixedAsync(move, route, port, cancellationToken).ConfigureAwait(false)
            : await CheckSampleAsync(move, route, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ReadinessFinding> CheckFixedAsync(ReadinessMove move, MigrationRoute route, int port, CancellationToken cancellationToken)
    {
        var listeners = await HostListeners.ReadAsync(move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        if (listeners?.Ports.GetValueOrDefault(port) is { } ends)
        {
            return Failed("Taken", move.DestinationName, route.Host, port).Seen(move.DestinationName, "ss -Htln", string.Join(", ", ends));
        }

        if (listeners is null && await ListIncomingAsync(move).ConfigureAwait(false) is { Count: > 0 } incoming)
        {
            return NotVerified("Busy", move.DestinationName, route.Host, port, string.Join(", ", incoming));
        }

        if (await PathView.OfAsync(move, route.Host, [port], cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return NotVerified("Unseen", string.Empty, route.Host, port);
        }

        return With(view.Answers[port] switch
        {
            PortAnswer.Open when view.IsDecisive => Failed("Taken", view.From, view.Host, port),
            PortAnswer.Open or PortAnswer.Refused => Passed("Reached", view.From, view.Host, port),
            _ => Blocked(view, [port], route.ConnectError),
        }, view);
    }

    private static async Task<ReadinessFinding> CheckSampleAsync(ReadinessMove move, MigrationRoute route, CancellationToken cancellationToken)
    {
        if (await PathView.OfAsync(move, route.Host, [route.LastPort], cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return NotVerified("Unseen", string.Empty, route.Host, route.LastPort);
        }

        if (IsReached(view.Answers[route.LastPort]))
        {
            return With(Passed("Reached", view.From, view.Host, route.LastPort), view);
        }

        // A firewall may let some of the range in. The first ports are those that libvirt takes.
        if (view.Answers[route.LastPort] == PortAnswer.NameUnknown || await IsInUseAsync(move, route.FirstPort, cancellationToken).ConfigureAwait(false))
        {
            return With(view.IsDecisive && view.Answers[route.LastPort] != PortAnswer.NameUnknown
                ? Warning("Sample", view.From, view.Host, route.LastPort)
                : Blocked(view, [route.LastPort], route.ConnectError), view);
        }

        var first = await PathView.OfAsync(move, route.Host, [route.FirstPort], cancellationToken).ConfigureAwait(false);
        return first is not null && IsReached(first.Answers[route.FirstPort])
            ? With(With(Warning("Partly", view.From, view.Host, route.LastPort, route.FirstPort), view), first)
            : With(Blocked(view, [route.LastPort], route.ConnectError), view);
    }

    private static async Task<bool> IsInUseAsync(ReadinessMove move, int port, CancellationToken cancellationToken)
    {
        var listeners = await HostListeners.ReadAsync(move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        return listeners?.Ports.ContainsKey(port) == true || (await ListIncomingAsync(move).ConfigureAwait(false)).Count > 0;
    }
}
