namespace VirtMigrate.Hosts;

/// <summary>Turns libvirt's errors, whichever way they came, into exceptions of the kind that a caller can act on.</summary>
internal static class HypervisorErrors
{
    // Libvirt has codes for what it knows itself. What ssh, GnuTLS and the sockets say comes under general codes,
    // with nothing but the text to tell them apart; libvirt and these tools are held to English.
    private static readonly string[] CertificateTexts =
    [
        "certificate", "Unable to access credentials", "Cannot read CA", "Cannot read client", "TLS handshake",
        "TLS session", "Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED", "private key",
    ];

    private static readonly string[] AuthenticationTexts =
    [
        "Permission denied (", "Too many authentication failures", "authentication failed", "Failed to start SASL",
        "Failed to step SASL", "Failed to make auth credentials", "authentication unavailable", "Authentication failed",
    ];

    private static readonly string[] UnreachableTexts =
    [
        "unable to connect to server at", "Unable to resolve address", "Could not resolve hostname", "No route to host",
        "Connection refused", "Connection timed out", "Network is unreachable", "Failed to connect socket to",
        "Operation timed out", "kex_exchange_identification", "Connection closed by", "Connection reset by",
    ];

    private static readonly string[] LostTexts =
    [
        "client socket is closed", "End of file while reading data", "connection closed due to keepalive timeout",
        "received hangup", "Broken pipe", "Cannot recv data", "Cannot write data", "Connection reset by peer",
        "Lost connection to", "connection is not open", "invalid connection pointer",
    ];

    /// <summary>Finds the kind of an error on an open connection.</summary>
    /// <param name="error">The error.</param>
    /// <param name="host">The host.</param>
    /// <returns>An exception of the kind that fits.</returns>
    public static HypervisorException Classify(HypervisorError error, HostAddress host) => error.Code switch
    {
        LibvirtErrorCode.NoDomain => new VmNotFoundException(error, host),
        LibvirtErrorCode.DomainExists => new VmExistsException(error, host),
        LibvirtErrorCode.OperationAborted => new JobAbortedException(error, host),
        LibvirtErrorCode.NoSupport or LibvirtErrorCode.ArgumentUnsupported or LibvirtErrorCode.OperationUnsupported or
            LibvirtErrorCode.CallFailed => new HypervisorNotSupportedException(error, host),
        LibvirtErrorCode.InvalidConnection => new HostConnectionLostException(error, host),
        LibvirtErrorCode.OperationTimeout when Has(error, "state change lock") => new VmBusyException(error, host),
        LibvirtErrorCode.OperationInvalid when Has(error, "no job is active") || Has(error, "domain is not being migrated")
            => new NoJobException(error, host),
        LibvirtErrorCode.OperationInvalid when Has(error, "is already active") => new VmExistsException(error, host),
        LibvirtErrorCode.OperationFailed when Has(error, "already exists with uuid") => new VmExistsException(error, host),
        LibvirtErrorCode.OperationFailed when Has(error, "job: canceled by client") || Has(error, "operation aborted")
            => new JobAbortedException(error, host),
        LibvirtErrorCode.AuthenticationFailed or LibvirtErrorCode.AuthenticationCancelled or LibvirtErrorCode.AccessDenied or
            LibvirtErrorCode.OperationDenied => new HostAuthenticationException(error, host),
        LibvirtErrorCode.Rpc or LibvirtErrorCode.SystemError or LibvirtErrorCode.InternalError when HasAny(error, LostTexts)
            => new HostConnectionLostException(error, host),
        _ => new HypervisorException(error, host),
    };

    /// <summary>Finds the kind of an error while a connection was being opened.</summary>
    /// <param name="error">The error.</param>
    /// <param name="host">The host.</param>
    /// <returns>An exception of the kind that fits.</returns>
    public static HypervisorException ClassifyOpening(HypervisorError error, HostAddress host)
    {
        if (error.Code is LibvirtErrorCode.AuthenticationFailed or LibvirtErrorCode.AuthenticationCancelled or
                LibvirtErrorCode.AuthenticationUnavailable or LibvirtErrorCode.AccessDenied || HasAny(error, AuthenticationTexts))
        {
            return new HostAuthenticationException(error, host);
        }

        if (error.Code == LibvirtErrorCode.GnuTls || HasAny(error, CertificateTexts))
        {
            return new HostCertificateException(error, host);
        }

        return error.Code is LibvirtErrorCode.UnknownHost || HasAny(error, UnreachableTexts) || HasAny(error, LostTexts)
            ? new HostUnreachableException(error, host)
            : new HypervisorException(error, host);
    }

    private static bool HasAny(HypervisorError error, string[] texts) => texts.Any(t => Has(error, t));

    private static bool Has(HypervisorError error, string text) => error.Message.Contains(text, StringComparison.OrdinalIgnoreCase);
}
