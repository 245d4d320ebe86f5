using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Failures;

/// <summary>The hosts don't reach each other, or this side loses one of them.</summary>
internal static class ConnectionFailures
{
    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        new("DestinationNameIsLocalhost", FailureCategory.InvalidData,
            f => $"The host name of '{f.Destination}' is localhost, so '{f.Host}' would send the memory to itself. {f.Said}",
            f => $"Give '{f.Destination}' a host name that other hosts can resolve (hostnamectl set-hostname, on it), or give its " +
                $"address: {Migrate(f, Use(MigrationOptions.MigrateUri, AddressOf(f)))}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["hostname on destination resolved to localhost"],
        },
        new("DestinationNameUnresolvable", FailureCategory.ConnectionError,
            f => $"'{f.Host}' can't resolve the host name that memory is sent to. {f.Said}",
            f => $"Add the name to DNS or to /etc/hosts on '{f.Host}', or give an address: " +
                $"{Migrate(f, Use(MigrationOptions.MigrateUri, AddressOf(f)))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["Unable to resolve address '…' service", "address resolution failed for"],
        },
        new("MigrationPortsBlocked", FailureCategory.ConnectionError,
            f => $"'{f.Host}' can't reach the ports of '{f.Destination}' for memory and disks. {f.Said}",
            f => $"Open ports 49152 to 49215 on '{f.Destination}': firewall-cmd --permanent --add-port=49152-49215/tcp; " +
                $"firewall-cmd --reload. Or send memory over another network: " +
                $"{Migrate(f, Use(MigrationOptions.MigrateUri, AddressOf(f)))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["unable to connect to server at", "Failed to connect to '…:"],
        },
        new("MigrationPortTaken", FailureCategory.ResourceBusy,
            f => $"A port on '{f.Destination}' that the migration needs is in use. {f.Said}",
            f => $"Try again when other migrations have ended, or run fewer at once ({Use(Parameter.ThrottleLimit, 2)}). " +
                $"To see which ports are in use, on '{f.Destination}': ss -ltnp. A port given in " +
                $"{Use(MigrationOptions.MigrateUri)} or {Use(MigrationOptions.DisksPort)} serves one migration at a time; leave " +
                $"it out to let libvirt choose.")
        {
            CanRetry = true, End = MigrationEnd.Destination,
            Patterns =
            [
                "Failed to reserve port", "Unable to find an unused port in range", "Failed to find an available port: Address already in use",
                "Failed to bind socket: Address already in use",
            ],
        },
        new("ListenAddressInvalid", FailureCategory.InvalidArgument,
            f => $"'{f.Destination}' does not have the address that it is told to listen on. {f.Said}",
            f => $"Give {Use(MigrationOptions.ListenAddress)} an address of '{f.Destination}' (ip -brief address, on it), or " +
                $"leave it out to listen on all addresses.")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Failed to bind socket: Cannot assign requested address"],
        },
        new("MigrationUriInvalid", FailureCategory.InvalidArgument,
            f => $"Libvirt does not accept the URI for memory or disks. {f.Said}",
            f => $"Write it as tcp://<address of {f.Destination}> or tcp://<address of {f.Destination}>:<port>: " +
                $"{Migrate(f, Use(MigrationOptions.MigrateUri, AddressOf(f)))}")
        {
            CanRetry = false,
            Patterns =
            [
                "missing scheme in migration URI", "unsupported scheme…in migration URI", "missing host in migration URI",
                "unable to parse URI", "Unsupported scheme in disks URI", "URI with tcp scheme did not provide a server part",
            ],
        },
        new("SourceCannotConnect", FailureCategory.ConnectionError,
            f => $"'{f.Host}' must connect to '{f.Destination}' itself, and can't. {f.Said}",
            f => $"To see the error, run as root on '{f.Host}': virsh -c {f.DestinationWord} hostname. It needs keys or " +
                $"certificates of its own for '{f.Destination}'. The source itself connects to the destination with " +
                $"{Use(MigrationOptions.PeerToPeer)}, and whenever '{f.Host}' is connected with {Use(Parameter.Transport, "Ssh")}. " +
                $"To let this machine connect to both, with another transport: {Migrate(f, Use(MigrationOptions.PeerToPeer, false))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns =
            [
                "Failed to connect to remote libvirt URI", "unable to connect to server at '…:16509'", "unable to connect to server at '…:16514'",
                "Unable to resolve address '…' service '16509'", "Unable to resolve address '…' service '16514'", "Could not resolve hostname",
                "Host key verification failed", "Permission denied (publickey", "ssh: connect to host", "authentication failed",
                "Failed to start SASL negotiation", "Cannot read CA certificate", "Cannot read client certificate",
            ],
        },
        new("MigrationConnectionLost", FailureCategory.ConnectionError,
            f => $"The connection to '{f.Host}' or '{f.Destination}' broke during the migration. {f.Said}",
            f => $"Check that libvirt runs on both hosts (systemctl status virtqemud libvirtd) and that the network between them and " +
                $"this machine is up, then try again: {Migrate(f)}. With {Use(MigrationOptions.PeerToPeer)} a migration survives " +
                $"the loss of this machine's connection.")
        {
            CanRetry = true,
            Patterns =
            [
                "Lost connection to destination host", "connection closed due to keepalive timeout", "End of file while reading data",
                "client socket is closed", "the connection to '…' was lost half-way", "Cannot recv data: Connection reset by peer",
            ],
        },

        // Libvirt 9.0 gives the source's word of it now and then where the destination's QEMU had a reason that no retry mends.
        new("MigrationStreamBroken", FailureCategory.ConnectionError,
            f => $"The memory stream between '{f.Host}' and '{f.Destination}' broke. {f.Said}",
            f => $"Try again: {Migrate(f)}. If it breaks every time, QEMU's log on '{f.Destination}' says why (for example, that " +
                $"QEMU there is older than on '{f.Host}'): tail /var/log/libvirt/qemu/{f.VmWord}.log. With " +
                $"{Use(MigrationOptions.Tls)}, a certificate that the other side rejects looks the same.")
        {
            Patterns =
            [
                "Unable to write to socket", "Unable to read from socket", "load of migration failed: Input/output error",
                "job 'migration out' failed: Channel error", "job 'migration out' failed: Input/output error", "Unable to write to file descriptor",
                "Cannot read from TLS channel", "Cannot write to TLS channel", "job 'migration out' unexpectedly failed",
            ],
        },
    ];
}
