using System.Management.Automation;
using VirtMigrate.Hypervisor;

namespace VirtMigrate.Errors;

/// <summary>Which kind of error each of the core's exceptions is.</summary>
internal static class ErrorKinds
{
    /// <summary>A host was named that the session is not connected to.</summary>
    public static readonly ErrorKind HostNotConnected = new("HostNotConnected", ErrorCategory.ObjectNotFound);

    private static readonly ErrorKind Unknown = new("LibvirtError", ErrorCategory.InvalidOperation);

    private static readonly Dictionary<Type, ErrorKind> Kinds = new()
    {
        [typeof(HostAddressException)] = new("HostAddressInvalid", ErrorCategory.InvalidArgument),
        [typeof(HostUnreachableException)] = new("HostUnreachable", ErrorCategory.ConnectionError),
        [typeof(HostAuthenticationException)] = new("HostAuthenticationRefused", ErrorCategory.AuthenticationError),
        [typeof(HostCertificateException)] = new("HostCertificateInvalid", ErrorCategory.SecurityError),
        [typeof(HostConnectionLostException)] = new("HostConnectionLost", ErrorCategory.ConnectionError),
        [typeof(HostTimeoutException)] = new("HostTimeout", ErrorCategory.OperationTimeout),
        [typeof(HypervisorLibraryException)] = new("LibvirtMissing", ErrorCategory.NotInstalled),
        [typeof(HypervisorNotSupportedException)] = new("NotSupported", ErrorCategory.NotImplemented),
        [typeof(VmNotFoundException)] = new("VmNotFound", ErrorCategory.ObjectNotFound),
        [typeof(VmExistsException)] = new("VmExistsOnDestination", ErrorCategory.ResourceExists),
        [typeof(VmBusyException)] = new("VmBusy", ErrorCategory.ResourceBusy),
        [typeof(NoJobException)] = new("NoMigrationJob", ErrorCategory.ObjectNotFound),
        [typeof(JobAbortedException)] = new("MigrationStopped", ErrorCategory.OperationStopped),
    };

    /// <summary>Finds the kind of an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>The kind that belongs to its type, else the one for whatever libvirt says.</returns>
    public static ErrorKind Of(Exception exception) => Kinds.GetValueOrDefault(exception.GetType(), Unknown);
}
