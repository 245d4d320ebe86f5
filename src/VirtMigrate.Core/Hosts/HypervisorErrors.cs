using VirtMigrate.Failures;

namespace VirtMigrate.Hosts;

/// <summary>An error as the hypervisor's library gave it (virError).</summary>
/// <param name="Code">What went wrong (virErrorNumber).</param>
/// <param name="Domain">The part of libvirt that says so (virErrorDomain).</param>
/// <param name="Message">The whole message, for people.</param>
public sealed record HypervisorError(int Code, int Domain, string Message)
{
    /// <summary>The level (virErrorLevel): 1 a warning, 2 an error.</summary>
    public int Level { get; init; }

    /// <summary>Extra text 1.</summary>
    public string? Text1 { get; init; }

    /// <summary>Extra text 2.</summary>
    public string? Text2 { get; init; }

    /// <summary>Extra text 3.</summary>
    public string? Text3 { get; init; }

    /// <summary>Extra number 1.</summary>
    public int Number1 { get; init; }

    /// <summary>Extra number 2.</summary>
    public int Number2 { get; init; }
}

/// <summary>Turns libvirt's errors, whichever way they came, into exceptions of the kind that a caller can act on.</summary>
internal static class HypervisorErrors
{
    /// <summary>Finds the kind of an error on an open connection.</summary>
    /// <param name="error">The error.</param>
    /// <param name="host">The host.</param>
    /// <returns>An exception of the kind that fits.</returns>
    public static HypervisorException Classify(HypervisorError error, HostAddress host) => error.Code switch
    {
        LibvirtErrorCode.NoDomain => new VmNotFoundException(error, host),
        LibvirtErrorCode.DomainExists => new HypervisorException(VmFailures.Exists, error, host),
        LibvirtErrorCode.OperationAborted => new HypervisorException(OutcomeFailures.Stopped, error, host),
        LibvirtErrorCode.NoSupport or LibvirtErrorCode.ArgumentUnsupported or LibvirtErrorCode.OperationUnsupported or
            LibvirtErrorCode.CallFailed => new HypervisorNotSupportedException(error, host),
        LibvirtErrorCode.InvalidConnection => new HostConnectionLostException(error, host),
        LibvirtErrorCode.OperationTimeout when Has(error, "state change lock") => new VmBusyException(error, host),
        LibvirtErrorCode.OperationInvalid when Has(error, "no job is active") || Has(error, "domain is not being migrated")
            => new HypervisorException(VmFailures.NoJob, error, host),
        LibvirtErrorCode.OperationInvalid when Has(error, "is already active") => new HypervisorException(VmFailures.Exists, error, host),
        LibvirtErrorCode.OperationFailed when Has(error, "already exists with uuid") => new HypervisorException(VmFailures.Exists, error, host),
        LibvirtErrorCode.OperationFailed when Has(error, "job: canceled by client") || Has(error, "operation aborted")
            => new HypervisorException(OutcomeFailures.Stopped, error, host),
        LibvirtErrorCode.AuthenticationFailed or LibvirtErrorCode.AuthenticationCancelled or LibvirtErrorCode.AccessDenied or
            LibvirtErrorCode.OperationDenied => new HypervisorException(HostFailures.AuthenticationRefused, error, host),
        LibvirtErrorCode.Rpc or LibvirtErrorCode.SystemError or LibvirtErrorCode.InternalError when Fits(error, HostFailures.ConnectionLost)
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
                LibvirtErrorCode.AuthenticationUnavailable or LibvirtErrorCode.AccessDenied || Fits(error, HostFailures.AuthenticationRefused))
        {
            return new HypervisorException(HostFailures.AuthenticationRefused, error, host);
        }

        if (error.Code == LibvirtErrorCode.GnuTls || Fits(error, HostFailures.CertificateInvalid))
        {
            return new HypervisorException(HostFailures.CertificateInvalid, error, host);
        }

        return error.Code is LibvirtErrorCode.UnknownHost || Fits(error, HostFailures.Unreachable) || Fits(error, HostFailures.ConnectionLost)
            ? new HostUnreachableException(error, host)
            : new HypervisorException(error, host);
    }

    // What ssh, GnuTLS and the sockets say comes under general codes, with nothing but the text to tell them apart; libvirt and these tools
    // are held to English.
    private static bool Fits(HypervisorError error, Failure failure) => failure.Fit(error.Message, code: null) > 0;

    private static bool Has(HypervisorError error, string text) => error.Message.Contains(text, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The virErrorNumber values that decide over a reaction (virterror.h).</summary>
internal static class LibvirtErrorCode
{
    public const int InternalError = 1;
    public const int NoSupport = 3;
    public const int UnknownHost = 4;
    public const int InvalidConnection = 6;
    public const int InvalidArgument = 8;
    public const int OperationFailed = 9;
    public const int CallFailed = 26;
    public const int DomainExists = 28;
    public const int OperationDenied = 29;
    public const int SystemError = 38;
    public const int Rpc = 39;
    public const int GnuTls = 40;
    public const int NoDomain = 42;
    public const int NoNetwork = 43;
    public const int AuthenticationFailed = 45;
    public const int NoStoragePool = 49;
    public const int NoStorageVolume = 50;
    public const int NoNodeDevice = 53;
    public const int OperationInvalid = 55;
    public const int NoInterface = 57;
    public const int OperationTimeout = 68;
    public const int ArgumentUnsupported = 74;
    public const int OperationAborted = 78;
    public const int AuthenticationCancelled = 79;
    public const int OperationUnsupported = 84;
    public const int AccessDenied = 88;
    public const int CpuIncompatible = 91;
    public const int AuthenticationUnavailable = 94;
}
