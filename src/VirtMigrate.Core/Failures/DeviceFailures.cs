namespace VirtMigrate.Failures;

/// <summary>Devices that can't be moved.</summary>
internal static class DeviceFailures
{
    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("HostDeviceNotMigratable", false, MigrationEnd.Source,
        [
            "cannot migrate a domain with <hostdev mode=", "cannot migrate a domain with <interface type=",
            "cannot migrate domain:…VFIO", "not supported with vIOMMU enabled", "VFIO device doesn't support migration",
        ]),
        new("PostCopyUnsupported", false, MigrationEnd.Unknown,
        [
            "VFIO migration is not supported with postcopy migration", "Postcopy is not supported", "Postcopy is not yet compatible with",
            "migration capability 'postcopy-ram'…not supported", "Userfaultfd not available",
        ]),
        new("VirtiofsNotMigratable", false, MigrationEnd.Source,
            ["migration with virtiofs device is not supported", "cannot migrate domain:…vhost-user-fs"]),
        new("TransientDiskNotMigratable", false, MigrationEnd.Source, ["migration with transient disk is not supported"]),
        new("DeviceNotMigratable", false, MigrationEnd.Source,
        [
            "cannot migrate domain: ", "only shmem with role=", "migration with legacy shmem device is not supported",
            "vDPA devices cannot be migrated", "a slirp-helper cannot be migrated", "cannot migrate this domain without dbus-vmstate support",
        ]),
        new("DimmAddressMissing", false, MigrationEnd.Source, ["dimm info lacks slot ID or base address"]),
        new("TpmNotMigratable", false, MigrationEnd.Source, ["the running swtpm does not support migration"]),
        new("TpmStateUnreadable", false, MigrationEnd.Destination,
            ["Setting the stateblob…failed with a TPM error", "swtpm died and reported", "swtpm died unexpectedly"]),
        new("TpmEmulatorMissing", false, MigrationEnd.Destination,
        [
            "Unable to find 'swtpm…binary", "TPM version…is not supported", "The TPM backend type emulator…not supported",
            "Could not run '…swtpm…exitstatus",
        ]),
        new("SecretMissing", false, MigrationEnd.Destination, ["no secret with matching uuid", "Secret not found: secret '…does not have a value"]),
        new("RdmaMemoryLimitMissing", false, MigrationEnd.Unknown, ["cannot start RDMA migration with no memory hard limit set"]),
    ];
}
