namespace VirtMigrate.Failures;

/// <summary>The hosts don't reach each other, or this side loses one of them.</summary>
internal static class ConnectionFailures
{
    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("DestinationIsSource", false, MigrationEnd.Destination, ["Attempt to migrate guest to the same host"]),
        new("DestinationNameIsLocalhost", false, MigrationEnd.Destination, ["hostname on destination resolved to localhost"]),
        new("DestinationNameUnresolvable", false, MigrationEnd.Source,
            ["Unable to resolve address '…' service", "address resolution failed for"]),
        new("MigrationPortsBlocked", false, MigrationEnd.Source, ["unable to connect to server at", "Failed to connect to '…:"]),
        new("MigrationPortTaken", true, MigrationEnd.Destination,
        [
            "Failed to reserve port", "Unable to find an unused port in range", "Failed to find an available port: Address already in use",
            "Failed to bind socket: Address already in use",
        ]),
        new("ListenAddressInvalid", false, MigrationEnd.Destination, ["Failed to bind socket: Cannot assign requested address"]),
        new("MigrationUriInvalid", false, MigrationEnd.Unknown,
        [
            "missing scheme in migration URI", "unsupported scheme…in migration URI", "missing host in migration URI",
            "unable to parse URI", "Unsupported scheme in disks URI", "URI with tcp scheme did not provide a server part",
        ]),
        new("SourceCannotConnect", false, MigrationEnd.Source,
        [
            "Failed to connect to remote libvirt URI", "unable to connect to server at '…:16509'", "unable to connect to server at '…:16514'",
            "Unable to resolve address '…' service '16509'", "Unable to resolve address '…' service '16514'", "Could not resolve hostname",
            "Host key verification failed", "Permission denied (publickey", "ssh: connect to host", "authentication failed",
            "Failed to start SASL negotiation", "Cannot read CA certificate", "Cannot read client certificate",
        ]),
        new("MigrationConnectionLost", true, MigrationEnd.Unknown,
        [
            "Lost connection to destination host", "connection closed due to keepalive timeout", "End of file while reading data",
            "client socket is closed", "the connection to '…' was lost half-way", "Cannot recv data: Connection reset by peer",
        ]),
        // Libvirt 9.0 gives the source's word of it now and then where the destination's QEMU had a reason that no retry mends.
        new("MigrationStreamBroken", null, MigrationEnd.Unknown,
        [
            "Unable to write to socket", "Unable to read from socket", "load of migration failed: Input/output error",
            "job 'migration out' failed: Channel error", "job 'migration out' failed: Input/output error", "Unable to write to file descriptor",
            "Cannot read from TLS channel", "Cannot write to TLS channel", "job 'migration out' unexpectedly failed",
        ]),
    ];
}
