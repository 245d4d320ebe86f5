using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;

namespace VirtMigrate.Failures;

/// <summary>Devices that can't be moved.</summary>
internal static class DeviceFailures
{
    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        new("HostDeviceNotMigratable", FailureCategory.NotImplemented,
            f => $"The VM uses a device of '{f.Host}' that is passed through to it. {f.Said}",
            f => $"To find it: virsh -c {f.HostWord} dumpxml {f.VmWord} | grep -A6 '<hostdev\\|<interface type=.hostdev'. Unplug " +
                $"it while the guest runs (virsh -c {f.HostWord} detach-device {f.VmWord} <file> --live), or shut the VM down " +
                $"and migrate it offline: {Migrate(f, Use(MigrationOptions.Offline))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns =
            [
                "cannot migrate a domain with <hostdev mode=", "cannot migrate a domain with <interface type=",
                "cannot migrate domain:…VFIO", "not supported with vIOMMU enabled", "VFIO device doesn't support migration",
            ],
        },
        new("PostCopyUnsupported", FailureCategory.NotImplemented,
            f => $"The VM, or one of the hosts, does not support post-copy. {f.Said}",
            f => $"Migrate it without: {Migrate(f, Use(MigrationOptions.PostCopy, false))}. If it then does not converge, allow a " +
                $"longer downtime: {Use(MigrationOptions.MaxDowntime, 2000)}")
        {
            CanRetry = false,
            Patterns =
            [
                "VFIO migration is not supported with postcopy migration", "Postcopy is not supported", "Postcopy is not yet compatible with",
                "migration capability 'postcopy-ram'…not supported", "Userfaultfd not available",
            ],
        },
        new("VirtiofsNotMigratable", FailureCategory.NotImplemented,
            f => $"The VM shares a directory of '{f.Host}' (virtiofs). {f.Said}",
            f => $"Unmount it in the guest and unplug it: virsh -c {f.HostWord} dumpxml {f.VmWord} | grep -A4 '<filesystem', then " +
                $"virsh -c {f.HostWord} detach-device {f.VmWord} <file> --live. Libvirt 10.0 and virtiofsd 1.11, " +
                $"or later, can migrate it.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["migration with virtiofs device is not supported", "cannot migrate domain:…vhost-user-fs"],
        },
        new("TransientDiskNotMigratable", FailureCategory.InvalidOperation,
            f => $"The VM has a transient disk: its changes are discarded when the VM stops. {f.Said}",
            f => $"Such a disk can't be migrated while the guest runs. Shut the VM down and migrate it offline: virsh -c {f.HostWord} shutdown " +
                $"{f.VmWord}; {Migrate(f, Use(MigrationOptions.Offline))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["migration with transient disk is not supported"],
        },
        new("DeviceNotMigratable", FailureCategory.NotImplemented,
            f => $"The VM has a device that can't be migrated while the guest runs. {f.Said}",
            f => $"Unplug the device that the message names (virsh -c {f.HostWord} detach-device {f.VmWord} <file> --live), or shut " +
                $"the VM down and migrate it offline: {Migrate(f, Use(MigrationOptions.Offline))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns =
            [
                "cannot migrate domain: ", "only shmem with role=", "migration with legacy shmem device is not supported",
                "vDPA devices cannot be migrated", "a slirp-helper cannot be migrated", "cannot migrate this domain without dbus-vmstate support",
            ],
        },
        new("DimmAddressMissing", FailureCategory.InvalidData,
            f => $"A memory module of the VM has no slot or address, so '{f.Destination}' can't put it in the same place. {f.Said}",
            f => $"Give it one: virsh -c {f.HostWord} edit {f.VmWord}, with <address type='dimm' slot='0'/> in its <memory " +
                $"model='dimm'>, and restart the guest.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["dimm info lacks slot ID or base address"],
        },
        new("TpmNotMigratable", FailureCategory.NotImplemented,
            f => $"The state of the VM's TPM is on shared storage, and its swtpm can't hand that over. {f.Said}",
            _ => $"Install swtpm 0.8 or newer on both hosts and restart the guest, or keep " +
                $"/var/lib/libvirt/swtpm on storage of each host's own.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["the running swtpm does not support migration"],
        },
        new("TpmStateUnreadable", FailureCategory.InvalidData,
            f => $"The VM's TPM did not start on '{f.Destination}'. {f.Said}",
            f => $"Its state is encrypted with a secret: '{f.Destination}' needs the same secret under the same UUID (virsh -c " +
                $"{f.DestinationWord} secret-list). Its log there says more: tail /var/log/swtpm/libvirt/qemu/{f.VmWord}-swtpm.log")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Setting the stateblob…failed with a TPM error", "swtpm died and reported", "swtpm died unexpectedly"],
        },
        new("TpmEmulatorMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' can't emulate the VM's TPM. {f.Said}",
            f => $"Install it on '{f.Destination}': apt install swtpm swtpm-tools, or dnf install swtpm swtpm-tools. Then restart " +
                $"virtqemud or libvirtd there. If it is installed, its log says why it fails: tail " +
                $"/var/log/swtpm/libvirt/qemu/{f.VmWord}-swtpm.log")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns =
            [
                "Unable to find 'swtpm…binary", "TPM version…is not supported", "The TPM backend type emulator…not supported",
                "Could not run '…swtpm…exitstatus",
            ],
        },
        new("SecretMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks a secret that the VM uses. {f.Said}",
            f => $"To list each host's secrets: virsh -c {f.HostWord} secret-list; virsh -c {f.DestinationWord} secret-list. Define it " +
                $"on '{f.Destination}' under the same UUID: virsh -c {f.DestinationWord} secret-define <file>; virsh -c " +
                $"{f.DestinationWord} secret-set-value <UUID> --file <file>")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["no secret with matching uuid", "Secret not found: secret '…does not have a value"],
        },
        new("RdmaMemoryLimitMissing", FailureCategory.InvalidOperation,
            f => $"RDMA pins all memory of the VM, and libvirt requires a hard limit for that. {f.Said}",
            f => $"Set one, above the guest's memory: virsh -c {f.HostWord} memtune {f.VmWord} --hard-limit <KiB> --live --config")
        {
            CanRetry = false,
            Patterns = ["cannot start RDMA migration with no memory hard limit set"],
        },
    ];
}
