using VirtMigrate.Migration.Options;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The port that the destination's QEMU takes copied disks in at (NBD), where one was asked for.</summary>
public sealed class DisksPortCheck : PortCheck
{
    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive || !move.Options.Has(MigrationOptions.CopyStorage))
        {
            return NotApplicable("NoCopy");
        }

        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (move.Options.Text(MigrationOptions.DisksUri) is { } uri)
        {
            route = MigrationRoute.Parse(uri) with { Uri = uri };
        }
        else if (move.Options.Number(MigrationOptions.DisksPort) is { } given)
        {
            route = route with { Port = (int)given };
        }
        else
        {
            return NotApplicable("Range", PathView.ToText(Enumerable.Range(route.FirstPort, Math.Max(1, route.LastPort - route.FirstPort + 1))));
        }

        if (Elsewhere(route) is { } elsewhere)
        {
            return elsewhere;
        }

        return route.Port is { } port
            ? await CheckAsync(move, route.Host, port, cancellationToken).ConfigureAwait(false)
            : NotApplicable("Range", "libvirt's own");
    }

    private static async Task<ReadinessFinding> CheckAsync(ReadinessMove move, string host, int port, CancellationToken cancellationToken)
    {
        var listeners = await HostListeners.ReadAsync(move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        if (listeners?.Ports.GetValueOrDefault(port) is { } ends)
        {
            return Failed("Taken", move.DestinationName, host, port).Seen(move.DestinationName, "ss -Htln", string.Join(", ", ends));
        }

        // It may be the port of the memory of a VM that comes in now.
        if (listeners is null && await ListIncomingAsync(move).ConfigureAwait(false) is { Count: > 0 } incoming)
        {
            return NotVerified("Busy", move.DestinationName, host, port, string.Join(", ", incoming));
        }

        if (await PathView.OfAsync(move, host, [port], cancellationToken).ConfigureAwait(false) is not { } view)
        {
            return NotVerified("Unseen", string.Empty, host, port);
        }

        return With(view.Answers[port] switch
        {
            PortAnswer.Open when view.IsDecisive => Failed("Taken", view.From, view.Host, port),
            PortAnswer.Open or PortAnswer.Refused => Passed("Reached", view.From, view.Host, port),
            _ => Blocked(view, [port], "Failed to connect to '"),
        }, view);
    }
}
