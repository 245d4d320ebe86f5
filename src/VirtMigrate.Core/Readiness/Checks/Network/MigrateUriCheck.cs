using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The address of -MigrateUri is one that libvirt takes (qemuMigrationAnyParseURI).</summary>
internal sealed class MigrateUriCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject => "The address of -MigrateUri is one that libvirt accepts.";

    public override Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (context.Options.Text(MigrationOptions.MigrateUri) is not { Length: > 0 } uri)
        {
            return Task.FromResult(NotApplicable($"No -MigrateUri is given: libvirt uses the destination's host name."));
        }

        var scheme = uri.Split(':')[0];
        var route = MigrationRoute.Parse(uri);
        var finding = !uri.Contains(':', StringComparison.Ordinal)
            ? Failed(
                $"'{uri}' has no protocol.",
                advice: $"Write it in full: -MigrateUri tcp://<address of {context.DestinationName}>.",
                libvirt: $"missing scheme in migration URI")
            : scheme is not ("tcp" or "rdma" or "unix")
                ? Failed(
                    $"Libvirt does not know the protocol of '{uri}'.",
                    advice: $"Give one of tcp, rdma and unix: -MigrateUri tcp://<address of {context.DestinationName}>.",
                    libvirt: $"unsupported scheme {scheme} in migration URI")
            : route.Kind == MigrationRouteKind.Unknown
                ? Failed(
                    $"'{uri}' names no host.",
                    advice: $"Write it in full: -MigrateUri tcp://<address of {context.DestinationName}>.",
                    libvirt: $"missing host in migration URI")
            : Passed($"Libvirt accepts {uri}.");
        return Task.FromResult(finding.Seen("this computer", "-MigrateUri", uri));
    }
}
