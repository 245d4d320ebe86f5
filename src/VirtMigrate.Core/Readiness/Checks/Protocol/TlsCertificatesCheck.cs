using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// With -Tls both hosts have what encryption takes: the source an authority's certificate and its own, the destination one that is valid,
/// known to the source's authority, and made out to the name that memory is sent to (-TlsDestination).
/// </summary>
public sealed class TlsCertificatesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Protocol;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var route = await MigrationRoute.OfAsync(move, cancellationToken).ConfigureAwait(false);
        if (!move.Options.Has(MigrationOptions.Tls) || route.Kind == MigrationRouteKind.None)
        {
            return NotApplicable("NotAsked");
        }

        var source = await ReadAsync(move.Path.SourceShell, move.Source.Address, isServer: false, cancellationToken).ConfigureAwait(false);
        var destination = await ReadAsync(move.Path.DestinationShell, move.Destination.Address, isServer: true, cancellationToken).ConfigureAwait(false);
        var sourceName = move.Vm.Vm.VmHost.Name;
        var finding = Judge(source, sourceName) ?? Judge(destination, move.DestinationName);
        if (finding is null && source is not null && destination is not null)
        {
            var name = move.Options.Text(MigrationOptions.TlsDestination) is { Length: > 0 } given ? given : route.Host;
            finding = !destination.Matches(name) ? Failed("Name", move.DestinationName, name, destination.Names, destination.Directory)
                : !destination.IsIssuedBy(source) ? Failed("Issuer", move.DestinationName, sourceName, destination.Directory)
                : source.Certificate is not null && !source.IsIssuedBy(destination) ? Failed("Issuer", sourceName, move.DestinationName, source.Directory)
                : Passed("Fits", move.DestinationName, name, destination.Expiry);
        }

        finding ??= NotVerified("Unseen", (source, destination) switch
        {
            (null, null) => $"{sourceName} and {move.DestinationName}",
            (null, _) => sourceName,
            _ => move.DestinationName,
        });
        return Seen(Seen(finding, sourceName, source), move.DestinationName, destination);
    }

    private static ReadinessFinding? Judge(TlsCredentials? credentials, string host) => credentials switch
    {
        null => null,
        { Missing: { } file } => Failed("Missing", host, file, credentials.Directory),
        { Certificate: { } certificate } when certificate.NotAfter < DateTime.Now => Failed("Expired", host, credentials.Expiry, credentials.Directory),
        { Certificate: { } certificate } when certificate.NotBefore > DateTime.Now => Failed("NotYet", host, credentials.Directory),
        _ => null,
    };

    private static async Task<TlsCredentials?> ReadAsync(
        IHostShell? shell, Hypervisor.HostAddress address, bool isServer, CancellationToken cancellationToken) =>
        shell is not null && await QemuSettings.ReadAsync(shell, address, cancellationToken).ConfigureAwait(false) is { } settings
            ? await TlsCredentials.ReadAsync(shell, settings.CertificateDirectory, isServer, cancellationToken).ConfigureAwait(false)
            : null;

    private static ReadinessFinding Seen(ReadinessFinding finding, string host, TlsCredentials? credentials) => credentials is null
        ? finding.Seen(host, "certificates", "not readable from here")
        : finding.Seen(host, credentials.Directory, credentials);
}
