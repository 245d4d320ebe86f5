using System.Management.Automation;

namespace VirtMigrate.Errors;

/// <summary>PowerShell's category for each reason for which migrations fail.</summary>
internal static class MigrationFailureCategories
{
    private static readonly Dictionary<string, ErrorCategory> Categories = new(
        new (ErrorCategory Category, string[] Ids)[]
        {
            (ErrorCategory.ConnectionError,
            [
                "DestinationNameUnresolvable", "MigrationPortsBlocked", "SourceCannotConnect", "MigrationConnectionLost", "MigrationStreamBroken",
            ]),
            (ErrorCategory.InvalidArgument,
            [
                "DestinationIsSource", "ListenAddressInvalid", "MigrationUriInvalid", "DiskTargetUnknown", "DiskNotCopyable",
                "MigrationOptionInvalid",
            ]),
            (ErrorCategory.InvalidData,
            [
                "DestinationNameIsLocalhost", "DiskSizeMismatch", "NetworkMtuMismatch", "DimmAddressMissing", "TpmStateUnreadable",
                "DefinitionIncompatible", "InvtscFrequencyMissing",
            ]),
            (ErrorCategory.SecurityError, ["TlsRequired", "TlsCertificateInvalid"]),
            (ErrorCategory.PermissionDenied, ["DiskAccessDenied", "HookRefused"]),
            (ErrorCategory.ObjectNotFound,
            [
                "TlsCredentialsMissing", "DiskMissingOnDestination", "CdromMissingOnDestination", "StoragePoolMissing", "CopyTargetMissing",
                "TpmEmulatorMissing", "SecretMissing", "NetworkMissing", "BridgeMissing", "HostInterfaceMissing", "EmulatorMissing",
                "FirmwareMissing", "HugePagesMissing", "NumaNodeMissing", "PinnedCpuMissing",
            ]),
            (ErrorCategory.ResourceUnavailable, ["DestinationStorageFull", "MemoryInsufficient"]),
            (ErrorCategory.ResourceBusy, ["MigrationPortTaken", "BlockJobActive", "VmBusy"]),
            (ErrorCategory.ResourceExists, ["VmExistsOnDestination"]),
            (ErrorCategory.NotImplemented,
            [
                "HostDeviceNotMigratable", "PostCopyUnsupported", "VirtiofsNotMigratable", "DeviceNotMigratable", "TpmNotMigratable",
                "CpuIncompatible", "MachineTypeUnsupported", "VirtTypeUnsupported", "MigrationStreamIncompatible", "NotSupported",
            ]),
            (ErrorCategory.InvalidOperation,
            [
                "DiskCacheUnsafe", "StorageNotShared", "TransientDiskNotMigratable", "RdmaMemoryLimitMissing", "NetworkInactive",
                "SnapshotsPresent", "VmMarkedForAutoDestroy", "VmNotRunning", "NvramPresent", "PostCopyActive",
            ]),
            (ErrorCategory.ReadError, ["DiskIoError"]),
            (ErrorCategory.InvalidResult, ["MigrationOutcomeUnknown", "PostCopyLost", "VmArrivedChanged", "VmStayedChanged"]),
            (ErrorCategory.OperationTimeout, ["MigrationTimedOut", "ResumeTimedOut"]),
            (ErrorCategory.LimitsExceeded, ["MigrationAbortedByPolicy"]),
            (ErrorCategory.OperationStopped, ["MigrationStopped", "StorageCopyFailed", "QemuFailed", "MigrationFailed", "PostCopyFailed",
                "GuestShutDown", "GuestDestroyed", "GuestCrashed",
            ]),
        }.SelectMany(c => c.Ids.Select(id => KeyValuePair.Create(id, c.Category))), StringComparer.Ordinal);

    /// <summary>The ids that have a category.</summary>
    public static IReadOnlyCollection<string> Ids => Categories.Keys;

    /// <summary>The category of an id.</summary>
    /// <param name="id">The id of a reason, or of how a migration ended.</param>
    /// <returns>The category.</returns>
    public static ErrorCategory Of(string id) => Categories[id];
}
