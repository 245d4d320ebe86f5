using VirtMigrate.Hosts;
using VirtMigrate.Options;
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

/// <summary>All of libvirt's range of ports at the destination: which are free, and which of the free ones the source reaches.</summary>
internal sealed class MigrationPortsCheck : PortCheck
{
    public override string Subject =>
        "All ports of libvirt's range (49152-49215, unless qemu.conf says otherwise): which are free at the destination, and which of " +
        "the free ones are reached.";
    public override bool IsQuick => false;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (Elsewhere(route) is { } elsewhere)
        {
            return elsewhere;
        }

        if (route.Port is { } port)
        {
            return NotApplicable($"Not needed: memory goes to port {port} and no other.");
        }

        // Whoever connects to a port on which a QEMU waits takes the place of the migration that it waits for.
        int[] range = [.. Enumerable.Range(route.FirstPort, route.LastPort - route.FirstPort + 1)];
        if (await ListIncomingAsync(context).ConfigureAwait(false) is { Count: > 0 } incoming)
        {
            return NotVerified(
                $"Ports {PortView.ToText(range)} of '{route.Host}' are not tested, because QEMU is waiting there for {incoming}, now migrating to " +
                    $"{context.DestinationName}, and would take the test for that migration.",
                advice: $"Check again when no VM is migrating to {context.DestinationName}.");
        }

        var listeners = await HostListeners.ReadAsync(context.Destination.Shell, cancellationToken).ConfigureAwait(false);
        int[] taken = [.. range.Where(p => listeners?.Ports.ContainsKey(p) == true)];
        var view = await PortView.OfAsync(context, route.Host, [.. range.Except(taken)], cancellationToken).ConfigureAwait(false);
        if (view is null)
        {
            return Unseen(route.Host, $"ports {PortView.ToText(range)}");
        }

        int[] open = [.. range.Where(p => view.Answers.GetValueOrDefault(p, PortAnswer.Refused) == PortAnswer.Open)];
        var finding = With(Judge(context, route, view, [.. taken, .. open]), view);
        finding = listeners is null ? finding
            : finding.Seen(context.DestinationName, "ss -Htln", taken.Length == 0 ? "none in use" : $"in use: {PortView.ToText(taken)}");
        return finding.Status == ReadinessStatus.Passed
            ? await ConfirmAsync(finding, context, route, view).ConfigureAwait(false)
            : finding;
    }

    // A firewall that answers with a reset looks like a port where nobody listens, until somebody does.
    private static async Task<Finding> ConfirmAsync(
        Finding finding, CheckContext context, MigrationRoute route, PortView view)
    {
        var port = view.Answers.Where(a => a.Value == PortAnswer.Refused).Max(a => a.Key);
        var isReached = view.IsDecisive ? await ListenTrial.RunAsync(context, view, port).ConfigureAwait(false) : null;
        return isReached switch
        {
            null => finding,
            true => finding.Seen(context.DestinationName, $"listening on tcp {port} for a moment", $"reached from {view.From}"),
            false => (Failed(
                $"From {view.From}, port {port} of '{view.Host}' refuses connections even while a program listens there: a firewall answers " +
                    $"instead of the host.",
                advice: OpenRange(context),
                libvirt: $"{route.ConnectError}") with { Evidence = finding.Evidence })
                .Seen(context.DestinationName, $"listening on tcp {port} for a moment", $"not reached from {view.From}"),
        };
    }

    // Libvirt gives out the first port that is free on all addresses, and asks nobody whether the source reaches it.
    private static Finding Judge(CheckContext context, MigrationRoute route, PortView view, int[] taken)
    {
        int[] free = [.. view.Answers.Keys.Except(taken).Order()];
        var needed = NeedsDisksPort(context) ? 2 : 1;
        var text = $"{PortView.ToText([route.FirstPort])}-{PortView.ToText([route.LastPort])}";
        if (free.Length < needed)
        {
            return view.IsDecisive
                ? Failed(
                    $"Seen from {view.From}, too few of the ports {text} of '{view.Host}' are free: programs already listen on them.",
                    advice: $"To see which programs, on {context.DestinationName}: ss -Htlnp 'sport >= :49152 and sport <= :49215'. Stop them, or give " +
                        $"libvirt another range: migration_port_min and migration_port_max in /etc/libvirt/qemu.conf.",
                    libvirt: $"Unable to find an unused port in range 'migration' ({text})")
                : OtherAddress(view, $"ports {text}");
        }

        int[] blocked = [.. free.Where(p => !IsReached(view.Answers[p]))];
        return blocked.Length == 0
            ? Passed(
                $"From {view.From}, every free port of {text} on '{view.Host}' answers ({free.Length}); no firewall blocks them.")
            : free.Take(needed).Any(blocked.Contains) || !view.IsDecisive
                ? Blocked(context, view, "ports", blocked, route.ConnectError, OpenRange(context))
            : Warning(
                $"From {view.From}, ports {PortView.ToText(blocked)} of '{view.Host}' are closed. The {free.Length - blocked.Length} ports " +
                    $"that libvirt uses before them are reached, so migrations fail only when more than that run at once.",
                advice: OpenRange(context));
    }

    private static bool NeedsDisksPort(CheckContext context) => context.Options.Has(MigrationOptions.CopyStorage)
        && !context.Options.Has(MigrationOptions.DisksPort) && !context.Options.Has(MigrationOptions.DisksUri);
}
