using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// With -Tls both hosts have what encryption takes: the source an authority's certificate and its own, the destination one that is valid,
/// known to the source's authority, and made out to the name that memory is sent to (-TlsDestination).
/// </summary>
internal sealed class TlsCertificatesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Protocol;
    public override string Subject =>
        "With -Tls both hosts have the certificates for encryption: valid now, from a CA that the other host knows, and for the name that memory is " +
        "sent to.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        if (!context.Options.Has(MigrationOptions.Tls) || route.Kind == MigrationRouteKind.None)
        {
            return NotApplicable($"Memory is not encrypted by QEMU.");
        }

        var source = await ReadAsync(context.Source, isServer: false, cancellationToken).ConfigureAwait(false);
        var destination = await ReadAsync(context.Destination, isServer: true, cancellationToken).ConfigureAwait(false);
        var sourceName = context.SourceName;
        var finding = Judge(source, sourceName) ?? Judge(destination, context.DestinationName);
        if (finding is null && source is not null && destination is not null)
        {
            var name = context.Options.Text(MigrationOptions.TlsDestination) is { Length: > 0 } given ? given : route.Host;
            finding = !destination.Matches(name)
                ? Failed(
                    $"The certificate of {context.DestinationName} is for {destination.Names}, not for '{name}'.",
                    advice: $"Give a name that it contains: -TlsDestination <one of {destination.Names}>. Or install one for '{name}' in " +
                        $"{destination.Directory}.",
                    libvirt: $"Certificate does not match the hostname {name}")
                : !destination.IsIssuedBy(source) ? UnknownIssuer(destination, context.DestinationName, sourceName)
                : source.Certificate is not null && !source.IsIssuedBy(destination) ? UnknownIssuer(source, sourceName, context.DestinationName)
                : Passed(
                    $"The certificate of {context.DestinationName} is for '{name}', until {destination.Expiry}, and both hosts know its CA.");
        }

        var unread = (source, destination) switch
        {
            (null, null) => $"{sourceName} and {context.DestinationName}",
            (null, _) => sourceName.Text,
            _ => context.DestinationName.Text,
        };
        finding ??= NotVerified(
            $"The certificates of {unread} can't be read from here.",
            advice: $"Check on the hosts: openssl x509 -in /etc/pki/qemu/server-cert.pem -noout -dates -ext subjectAltName; openssl verify " +
                $"-CAfile /etc/pki/qemu/ca-cert.pem /etc/pki/qemu/server-cert.pem");
        return Seen(Seen(finding, sourceName, source), context.DestinationName, destination);
    }

    private static Finding UnknownIssuer(TlsCredentials credentials, string host, string other) => Failed(
        $"The certificate of {host} was issued by a CA that {other} does not know.",
        advice: $"Give both hosts the same CA certificate (ca-cert.pem), and check: " +
            $"openssl verify -CAfile {credentials.Directory}/ca-cert.pem {credentials.Directory}/server-cert.pem",
        libvirt: $"hasn't got a known issuer");

    private static Finding? Judge(TlsCredentials? credentials, string host) => credentials switch
    {
        null => null,
        { Missing: { } file } => Failed(
            $"{host} has no {file} in {credentials.Directory}.",
            advice: $"Install it there, readable for QEMU's user: ls -l {credentials.Directory}",
            libvirt: $"Unable to access credentials"),
        { Certificate: { } certificate } when certificate.NotAfter < DateTime.Now => Failed(
            $"The certificate of {host} in {credentials.Directory} expired on {credentials.Expiry}.",
            advice: $"Issue a new one: certtool --generate-certificate. To see the old one: openssl x509 -in {credentials.Directory}/server-cert.pem -noout " +
                $"-dates",
            libvirt: $"has expired"),
        { Certificate: { } certificate } when certificate.NotBefore > DateTime.Now => Failed(
            $"The certificate of {host} in {credentials.Directory} is not valid yet.",
            advice: $"Compare the hosts' clocks: timedatectl. To see the certificate: openssl x509 -in {credentials.Directory}/server-cert.pem " +
                $"-noout -dates",
            libvirt: $"is not yet active"),
        _ => null,
    };

    private static async Task<TlsCredentials?> ReadAsync(HostFacts host, bool isServer, CancellationToken cancellationToken) =>
        host.Shell is { } shell && await QemuSettings.ReadAsync(host, cancellationToken).ConfigureAwait(false) is { } settings
            ? await TlsCredentials.ReadAsync(shell, settings.CertificateDirectory, isServer, cancellationToken).ConfigureAwait(false)
            : null;

    private static Finding Seen(Finding finding, string host, TlsCredentials? credentials) => credentials is null
        ? finding.Seen(host, "certificates", "not readable from here")
        : finding.Seen(host, credentials.Directory, credentials);
}

/// <summary>Neither host takes encrypted migrations only (migrate_tls_force), where -Tls is not given.</summary>
internal sealed class TlsForcedCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Protocol;
    public override string Subject => "Neither host accepts only encrypted migrations (migrate_tls_force in qemu.conf), unless -Tls is given.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive || context.Options.Has(MigrationOptions.Tls) || context.Options.Has(MigrationOptions.Tunnelled))
        {
            return NotApplicable($"Memory is encrypted, or does not go from QEMU to QEMU.");
        }

        var source = await QemuSettings.ReadAsync(context.Source, cancellationToken).ConfigureAwait(false);
        var destination = await QemuSettings.ReadAsync(context.Destination, cancellationToken).ConfigureAwait(false);
        var (name, other) = (context.SourceName, context.DestinationName);
        var finding = (source, destination) switch
        {
            ({ IsTlsForced: true }, _) => Forced(name),
            (_, { IsTlsForced: true }) => Forced(other),
            (not null, not null) => Passed($"Neither host requires TLS."),
            (null, null) => Unseen($"{name} or {other}"),
            (null, _) => Unseen(name),
            _ => Unseen(other),
        };
        return Seen(Seen(finding, name, source), other, destination);
    }

    private static Finding Forced(string host) => Failed(
        $"{host} accepts only encrypted migrations (migrate_tls_force).",
        advice: $"Add -Tls.",
        libvirt: $"this libvirtd instance allows migration only with VIR_MIGRATE_TLS flag");

    private static Finding Unseen(string hosts) => NotVerified(
        $"Can't tell whether {hosts} accepts only encrypted migrations (migrate_tls_force): qemu.conf can't be read from here.",
        advice: $"Check on the host: grep migrate_tls_force /etc/libvirt/qemu.conf. If it is set, add -Tls.");

    private static Finding Seen(Finding finding, string host, QemuSettings? settings) => settings is null
        ? finding.Seen(host, QemuSettings.File, "not readable from here")
        : finding.Seen(host, QemuSettings.File, $"migrate_tls_force = {(settings.IsTlsForced ? 1 : 0)}");
}
