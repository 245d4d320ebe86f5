using System.Management.Automation;
using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Policies;
using VirtMigrate.Readiness;
using VirtMigrate.Virsh;

namespace VirtMigrate.Errors;

/// <summary>Which kind of error each of the core's exceptions is.</summary>
internal static class ErrorKinds
{
    /// <summary>A host was named that the session is not connected to.</summary>
    public static readonly ErrorKind HostNotConnected = new("HostNotConnected", ErrorCategory.ObjectNotFound);

    /// <summary>A host is needed by a migration that this session runs.</summary>
    public static readonly ErrorKind HostInUse = new("HostInUse", ErrorCategory.ResourceBusy);

    /// <summary>The waiting for a migration ended before the migration did.</summary>
    public static readonly ErrorKind MigrationNotFinished = new("MigrationNotFinished", ErrorCategory.OperationTimeout);

    /// <summary>A change was asked for without saying what to change.</summary>
    public static readonly ErrorKind NothingToSet = new("NothingToSet", ErrorCategory.InvalidArgument);

    /// <summary>A policy's file is there already.</summary>
    public static readonly ErrorKind PolicyFileExists = new("PolicyFileExists", ErrorCategory.ResourceExists);

    /// <summary>A policy's file can't be written.</summary>
    public static readonly ErrorKind PolicyNotWritten = new("PolicyNotWritten", ErrorCategory.WriteError);

    /// <summary>Something that may lose a VM has to be confirmed, and nobody could be asked.</summary>
    public static readonly ErrorKind ConfirmationNeeded = new("ConfirmationNeeded", ErrorCategory.PermissionDenied);

    private static readonly ErrorKind VmNotRunning = new("VmNotRunning", ErrorCategory.InvalidOperation);
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
        [typeof(VirshOutputException)] = new("HostOutputInvalid", ErrorCategory.InvalidData),
        [typeof(HypervisorNotSupportedException)] = new("NotSupported", ErrorCategory.NotImplemented),
        [typeof(VmNotFoundException)] = new("VmNotFound", ErrorCategory.ObjectNotFound),
        [typeof(VmNameAmbiguousException)] = new("VmNameAmbiguous", ErrorCategory.InvalidArgument),
        [typeof(VmExistsException)] = new("VmExistsOnDestination", ErrorCategory.ResourceExists),
        [typeof(VmBusyException)] = new("VmBusy", ErrorCategory.ResourceBusy),
        [typeof(NoJobException)] = new("NoMigrationJob", ErrorCategory.ObjectNotFound),
        [typeof(JobAbortedException)] = new("MigrationStopped", ErrorCategory.OperationStopped),
        [typeof(DestinationUnknownException)] = new("DestinationUnknown", ErrorCategory.ObjectNotFound),
        [typeof(SameHostException)] = new("DestinationIsSource", ErrorCategory.InvalidArgument),
        [typeof(VmGoneException)] = new("VmGone", ErrorCategory.ObjectNotFound),
        [typeof(VmOnDestinationException)] = new("VmExistsOnDestination", ErrorCategory.ResourceExists),
        [typeof(VmRunsElsewhereException)] = new("VmRunsElsewhere", ErrorCategory.ResourceExists),
        [typeof(VmMigratingException)] = new("VmAlreadyMigrating", ErrorCategory.ResourceBusy),
        [typeof(VmJobException)] = new("VmBusy", ErrorCategory.ResourceBusy),
        [typeof(MigrationOptionException)] = new("MigrationOptionInvalid", ErrorCategory.InvalidArgument),
        [typeof(MigrationOptionUnsupportedException)] = new("MigrationOptionUnsupported", ErrorCategory.NotImplemented),
        [typeof(VmNotReadyException)] = new("VmNotReady", ErrorCategory.ResourceUnavailable),
        [typeof(BandwidthUnknownException)] = new("BandwidthUnknown", ErrorCategory.ObjectNotFound),
        [typeof(PolicyNotFoundException)] = new("PolicyNotFound", ErrorCategory.ObjectNotFound),
        [typeof(PolicyInvalidException)] = new("PolicyInvalid", ErrorCategory.InvalidData),
        [typeof(NoMigrationException)] = new("NoMigrationJob", ErrorCategory.ObjectNotFound),
        [typeof(PostCopyActiveException)] = new("PostCopyActive", ErrorCategory.InvalidOperation),
        [typeof(PostCopyPausedException)] = new("PostCopyPaused", ErrorCategory.ResourceUnavailable),
        [typeof(PostCopyNotEnabledException)] = new("PostCopyNotEnabled", ErrorCategory.InvalidOperation),
        [typeof(DirtyRateVmStateException)] = VmNotRunning,
        [typeof(DirtyRateModeException)] = new("DirtyRateModeUnsupported", ErrorCategory.NotImplemented),
        [typeof(DirtyRateInterruptedException)] = new("DirtyRateInterrupted", ErrorCategory.OperationStopped),
        [typeof(DirtyRateNotMeasurableException)] = new("DirtyRateNotMeasurable", ErrorCategory.InvalidOperation),
        [typeof(NotPostCopyPausedException)] = new("NotPostCopyPaused", ErrorCategory.InvalidOperation),
    };

    private static readonly ErrorKind HostToolMissing = new("HostToolMissing", ErrorCategory.NotInstalled);

    private static readonly ErrorKind HostToolFailed = new("HostToolFailed", ErrorCategory.ResourceUnavailable);

    private static readonly ErrorKind VmDataAtRisk = new("VmDataAtRisk", ErrorCategory.PermissionDenied);

    private static readonly ErrorKind VmNotShutOff = new("VmNotShutOff", ErrorCategory.InvalidOperation);

    /// <summary>Finds the kind of an exception.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>The kind that belongs to its type, outcome and reason, else the one for whatever libvirt says.</returns>
    public static ErrorKind Of(Exception exception) => exception switch
    {
        VmStateException state => state.IsLive ? VmNotRunning : VmNotShutOff,
        VmNotReadyException { Readiness.Obstacles: var obstacles } when obstacles.Any(o => o.ProtectsData) => VmDataAtRisk,
        HypervisorToolException tool => tool.IsMissing ? HostToolMissing : HostToolFailed,
        MigrationEndedException ended => new(ended.ErrorId, MigrationFailureCategories.Of(ended.ErrorId)),
        _ => Kinds.GetValueOrDefault(exception.GetType(), Unknown),
    };
}
