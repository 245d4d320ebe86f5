using System.Net;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The address that the destination is told to listen on (-ListenAddress) is one of its own, and the one that memory is sent to.</summary>
public sealed class ListenAddressCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (route.Kind != MigrationRouteKind.Network || move.Options.Text(MigrationOptions.ListenAddress) is not { Length: > 0 } text
            || !IPAddress.TryParse(text.Trim('[', ']'), out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            return NotApplicable("Everywhere");
        }

        if (move.Path.DestinationShell is { } shell
            && await shell.RunAsync(["ip", "-o", "address"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var lines }
            && !lines.Contains($" {address}/", StringComparison.Ordinal))
        {
            return Failed("Foreign", address, route.Host).Seen(move.DestinationName, "ip -o address", $"no {address}");
        }

        var probe = move.Path.Best;
        var target = await probe.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) ?? [];
        var finding = target.Contains(address) ? Passed("Same", address, route.Host)
            : IPAddress.IsLoopback(address) && !target.Any(IPAddress.IsLoopback) ? Failed("Loopback", address, route.Host, route.ConnectError)
            : target.Count == 0 ? NotVerified("Unknown", address, route.Host)
            : Warning("Other", address, route.Host, string.Join(", ", target));
        return finding.Seen(probe.From, $"addresses of {route.Host}", target.Count == 0 ? null : string.Join(", ", target));
    }
}
