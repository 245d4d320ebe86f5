using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;

namespace VirtMigrate.Failures;

/// <summary>Encryption of the memory stream.</summary>
internal static class TlsFailures
{
    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        new("TlsRequired", FailureCategory.SecurityError,
            f => $"'{f.Host}' or '{f.Destination}' accepts only encrypted migrations. {f.Said}",
            f => $"Encrypt it: {Migrate(f, Use(MigrationOptions.Tls))}. The setting is migrate_tls_force in /etc/libvirt/qemu.conf " +
                $"of '{f.Host}' or '{f.Destination}'.")
        {
            CanRetry = false,
            Patterns = ["allows migration only with VIR_MIGRATE_TLS flag"],
        },
        new("TlsCredentialsMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Host}' or '{f.Destination}' lacks the certificates for an encrypted migration. {f.Said}",
            _ => $"Both hosts need ca-cert.pem, server-cert.pem, server-key.pem, client-cert.pem and client-key.pem in " +
                $"/etc/pki/qemu (or in migrate_tls_x509_cert_dir of /etc/libvirt/qemu.conf). To see what is there: ls -l " +
                $"/etc/pki/qemu")
        {
            CanRetry = false,
            Patterns =
            [
                "Unable to access credentials", "host migration TLS directory not configured",
                "migrate_tls_x509_cert_dir directory '…' does not exist",
            ],
        },
        new("TlsCertificateInvalid", FailureCategory.SecurityError,
            f => $"A TLS certificate of '{f.Host}' or '{f.Destination}' was rejected. {f.Said}",
            f => $"The certificate of '{f.Destination}' must contain the name that memory is sent to. Otherwise give a name " +
                $"that it contains: {Migrate(f, Use(MigrationOptions.Tls), Use(MigrationOptions.TlsDestination, Example("<name>")))}. One " +
                $"CA must have signed both hosts' certificates: openssl verify -CAfile /etc/pki/qemu/ca-cert.pem " +
                $"/etc/pki/qemu/server-cert.pem")
        {
            CanRetry = false,
            Patterns =
            [
                "Certificate does not match the hostname", "The certificate hasn't got a known issuer", "Our own certificate…failed validation",
                "The certificate is not trusted", "The certificate…has expired", "The certificate…is not yet active", "TLS handshake failed",

                // What the end says that is hung up on: the stream ends where it should begin.
                "Cannot read from TLS channel…Not a migration stream",
            ],
        },
    ];
}
