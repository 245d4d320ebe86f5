using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The port that the destination's QEMU takes copied disks in at (NBD), where one was asked for.</summary>
internal sealed class DisksPortCheck : PortCheck
{
    public override string Subject => "The port for copied disks at the destination is free and reached, if -DisksPort or -DisksUri names one.";

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
            return NotApplicable($"Libvirt chooses the port for copied disks from the range {PortView.ToText(range)}.");
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
                    $"Seen from {from}, a program already listens on port {port} of '{host}'.",
                    advice: $"Leave -DisksPort out, so that libvirt chooses a free port, or give another. To see which program, on " +
                        $"{context.DestinationName}: ss -Htlnp sport = :{port}",
                    libvirt: $"Address already in use"),
                incoming => NotVerified(
                    $"Port {port} of '{route.Host}' is not tested, because QEMU may be waiting there for {incoming}, now migrating to " +
                        $"{context.DestinationName}, and would take the test for that migration.",
                    advice: $"Check again when no VM is migrating to {context.DestinationName}."),
                view => Blocked(context, view, "port", [port], "Failed to connect to '", OpenPort(context, port, "between the hosts")),
                cancellationToken).ConfigureAwait(false)
            : NotApplicable($"Libvirt chooses the port for copied disks from its own range.");
    }
}
