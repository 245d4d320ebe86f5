using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The port that the destination's QEMU takes copied disks in at (NBD), where one was asked for.</summary>
internal sealed class DisksPortCheck : PortCheck
{
    public override string Subject => "The port that the destination takes copied disks in at, where -DisksPort or -DisksUri names one.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive || !context.Options.Has(MigrationOptions.CopyStorage))
        {
            return NotApplicable($"No disks are copied.");
        }

        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (context.Options.Text(MigrationOptions.DisksUri) is { } uri)
        {
            route = MigrationRoute.Parse(uri) with { Uri = uri };
        }
        else if (context.Options.Number(MigrationOptions.DisksPort) is { } given)
        {
            route = route with { Port = (int)given };
        }
        else
        {
            var range = Enumerable.Range(route.FirstPort, Math.Max(1, route.LastPort - route.FirstPort + 1));
            return NotApplicable($"Copied disks take another port of the range {PortView.ToText(range)}.");
        }

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
                    $"Somebody listens on port {port} of '{host}' already, as {from} sees.",
                    advice: $"Leave -DisksPort out, so that libvirt takes a free port, or name another. To see who listens, on " +
                        $"{context.DestinationName}: ss -Htlnp sport = :{port}",
                    libvirt: $"Address already in use"),
                incoming => NotVerified(
                    $"Port {port} of '{route.Host}' is not tried, since a QEMU may wait there for {incoming}, which is on its way to " +
                        $"{context.DestinationName}.",
                    advice: $"Check again when nothing is on its way to {context.DestinationName}."),
                view => Blocked(context, view, "port", [port], "Failed to connect to '", OpenPort(context, port, "between the hosts")),
                cancellationToken).ConfigureAwait(false)
            : NotApplicable($"Copied disks take another port of the range libvirt's own.");
    }
}
