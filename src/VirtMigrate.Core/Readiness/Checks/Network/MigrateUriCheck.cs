using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The address of -MigrateUri is one that libvirt takes (qemuMigrationAnyParseURI).</summary>
public sealed class MigrateUriCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (move.Options.Text(MigrationOptions.MigrateUri) is not { Length: > 0 } uri)
        {
            return Task.FromResult(NotApplicable("None"));
        }

        var scheme = uri.Split(':')[0];
        var route = MigrationRoute.Parse(uri);
        var finding = !uri.Contains(':', StringComparison.Ordinal) ? Failed("NoScheme", uri, "missing scheme in migration URI")
            : scheme is not ("tcp" or "rdma" or "unix") ? Failed("Scheme", uri, scheme)
            : route.Kind == MigrationRouteKind.Unknown ? Failed("NoHost", uri)
            : Passed("Fine", uri);
        return Task.FromResult(finding.Seen("this computer", "-MigrateUri", uri));
    }
}
