namespace VirtMigrate.Failures;

/// <summary>Encryption of the memory stream.</summary>
internal static class TlsFailures
{
    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("TlsRequired", false, MigrationEnd.Unknown, ["allows migration only with VIR_MIGRATE_TLS flag"]),
        new("TlsCredentialsMissing", false, MigrationEnd.Unknown,
            ["Unable to access credentials", "host migration TLS directory not configured", "migrate_tls_x509_cert_dir directory '…' does not exist"]),
        new("TlsCertificateInvalid", false, MigrationEnd.Unknown,
        [
            "Certificate does not match the hostname", "The certificate hasn't got a known issuer", "Our own certificate…failed validation",
            "The certificate is not trusted", "The certificate…has expired", "The certificate…is not yet active", "TLS handshake failed",

            // What the end says that is hung up on: the stream ends where it should begin.
            "Cannot read from TLS channel…Not a migration stream",
        ]),
    ];
}
