using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>All of libvirt's range of ports at the destination: which are free, and which of the free ones the source reaches.</summary>
public sealed class MigrationPortsCheck : PortCheck
{
    /// <inheritdoc/>
    public override bool IsQuick => false;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (Elsewhere(route) is { } elsewhere)
        {
            return elsewhere;
        }

        if (route.Port is { } port)
        {
            return NotApplicable("Fixed", port);
        }

        // Whoever connects to a port on which a QEMU waits takes the place of the migration that it waits for.
        int[] range = [.. Enumerable.Range(route.FirstPort, route.LastPort - route.FirstPort + 1)];
        if (await ListIncomingAsync(move).ConfigureAwait(false) is { Count: > 0 } incoming)
        {
            return NotVerified("Busy", move.DestinationName, route.Host, PathView.ToText(range), string.Join(", ", incoming));
        }

        var listeners = await HostListeners.ReadAsync(move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        int[] taken = [.. range.Where(p => listeners?.Ports.ContainsKey(p) == true)];
        var view = await PathView.OfAsync(move, route.Host, [.. range.Except(taken)], cancellationToken).ConfigureAwait(false);
        if (view is null)
        {
            return NotVerified("Unseen", string.Empty, route.Host, PathView.ToText(range));
        }

        var finding = With(Judge(move, route, view, [.. taken, .. range.Where(p => view.Answers.GetValueOrDefault(p, PortAnswer.Refused) == PortAnswer.Open)]), view);
        finding = listeners is null ? finding : finding.Seen(move.DestinationName, "ss -Htln", taken.Length == 0 ? "none of them taken" : $"taken: {PathView.ToText(taken)}");
        return finding.Status == ReadinessStatus.Passed
            ? await ConfirmAsync(finding, move, route, view, cancellationToken).ConfigureAwait(false)
            : finding;
    }

    // A firewall that answers with a reset looks like a port where nobody listens, until somebody does.
    private static async Task<ReadinessFinding> ConfirmAsync(
        ReadinessFinding finding, ReadinessMove move, MigrationRoute route, PathView view, CancellationToken cancellationToken)
    {
        var port = view.Answers.Where(a => a.Value == PortAnswer.Refused).Max(a => a.Key);
        var isReached = view.IsDecisive ? await ListenTrial.RunAsync(move.Path, view, port, cancellationToken).ConfigureAwait(false) : null;
        return isReached switch
        {
            null => finding,
            true => finding.Seen(move.DestinationName, $"listening on tcp {port} for a moment", $"reached from {view.From}"),
            false => (Failed("Reset", view.From, view.Host, port, route.ConnectError) with { Evidence = finding.Evidence })
                .Seen(move.DestinationName, $"listening on tcp {port} for a moment", $"not reached from {view.From}"),
        };
    }

    // Libvirt gives out the first port that is free on all addresses, and asks nobody whether the source reaches it.
    private static ReadinessFinding Judge(ReadinessMove move, MigrationRoute route, PathView view, int[] taken)
    {
        int[] free = [.. view.Answers.Keys.Except(taken).Order()];
        var needed = NeedsDisksPort(move) ? 2 : 1;
        var text = $"{PathView.ToText([route.FirstPort])}-{PathView.ToText([route.LastPort])}";
        if (free.Length < needed)
        {
            return view.IsDecisive ? Failed("Exhausted", view.From, view.Host, text) : NotVerified("Elsewhere", view.From, view.Host, text);
        }

        int[] blocked = [.. free.Where(p => !IsReached(view.Answers[p]))];
        return blocked.Length == 0 ? Passed("Reached", view.From, view.Host, text, free.Length)
            : free.Take(needed).Any(blocked.Contains) || !view.IsDecisive ? Blocked(view, blocked, route.ConnectError)
            : Warning("Partly", view.From, view.Host, PathView.ToText(blocked), free.Length - blocked.Length);
    }

    private static bool NeedsDisksPort(ReadinessMove move) => move.Options.Has(MigrationOptions.CopyStorage)
        && !move.Options.Has(MigrationOptions.DisksPort) && !move.Options.Has(MigrationOptions.DisksUri);
}
