using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;

namespace VirtMigrate.Failures;

/// <summary>Disks that the destination does not see, or that can't be copied to it.</summary>
internal static class StorageFailures
{
    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        new("DiskCacheUnsafe", FailureCategory.InvalidOperation,
            f => $"A disk of the VM is cached on '{f.Host}' in a mode that can corrupt it during a migration. {f.Said}",
            f => $"Set cache='none' for it (virsh -c {f.HostWord} edit {f.VmWord}), then shut the guest down and start it " +
                $"again. Only if you are sure that no host keeps old data of the disk in its cache: {Migrate(f, Use(MigrationOptions.Unsafe))}")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["disks use cache other than none"],
        },
        new("StorageNotShared", FailureCategory.InvalidOperation,
            f => $"A disk of the VM is only on '{f.Host}'. {f.Said}",
            f => $"Copy the disks with it: {Migrate(f, Use(MigrationOptions.CopyStorage, "All"))}. To list the disks: virsh " +
                $"-c {f.HostWord} domblklist {f.VmWord}. If the hosts share the storage, mount it at the same path on both.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["Migration without shared storage is unsafe"],
        },
        new("DiskMissingOnDestination", FailureCategory.ObjectNotFound,
            f => $"A disk of the VM is not on '{f.Destination}'. {f.Said}",
            f => $"Mount the storage that holds {f.NamedWord} on '{f.Destination}' at the same path, or copy the disks: " +
                $"{Migrate(f, Use(MigrationOptions.CopyStorage, "All"))}. To see the VM's disks: virsh -c {f.HostWord} " +
                $"domblklist {f.VmWord}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Cannot access storage file '…No such file or directory", "Cannot access backing file '…No such file or directory"],
        },
        new("CdromMissingOnDestination", FailureCategory.ObjectNotFound,
            f => $"The image in the VM's CD-ROM drive is not on '{f.Destination}'. {f.Said}",
            f => $"Eject it (to find its drive: virsh -c {f.HostWord} domblklist {f.VmWord}; then: virsh -c {f.HostWord} " +
                $"change-media {f.VmWord} <drive> --eject), or copy {f.NamedWord} to '{f.Destination}'.")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Cannot access storage file '….iso'…No such file or directory"],
        },
        new("DiskAccessDenied", FailureCategory.PermissionDenied,
            f => $"QEMU on '{f.Destination}' is not allowed to open a disk of the VM. {f.Said}",
            f => $"QEMU's user there needs access to {f.NamedWord} (namei -l {f.NamedWord}, on '{f.Destination}'). On NFS, export " +
                $"with no_root_squash or give the file to that user; with SELinux: setsebool -P virt_use_nfs on")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Cannot access storage file '…Permission denied", "Cannot access backing file '…Permission denied"],
        },
        new("StoragePoolMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' has no storage pool for the copy of a disk. {f.Said}",
            f => $"Create one: virsh -c {f.DestinationWord} pool-create-as migrated dir --target {f.NamedWord}. Then: " +
                $"{Migrate(f, Use(MigrationOptions.CopyStorage, "All"))}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["no storage pool with matching target path"],
        },
        new("CopyTargetMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks the target image of a copied disk, and libvirt can't create it. {f.Said}",
            f => $"An incremental copy needs an existing image on the same backing file: qemu-img create -f qcow2 -F " +
                $"qcow2 -b <backing file> <path>, on '{f.Destination}'. To copy whole disks instead: " +
                $"{Migrate(f, Use(MigrationOptions.CopyStorage, "All"))}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["pre-creation of storage targets for incremental storage migration", "cannot precreate storage for disk type"],
        },
        new("DiskSizeMismatch", FailureCategory.InvalidData,
            f => $"A disk image on '{f.Destination}' differs in size from the VM's disk. {f.Said}",
            f => $"The size that the image needs: virsh -c {f.HostWord} domblkinfo {f.VmWord} <disk>. Resize the image on " +
                $"'{f.Destination}' (qemu-img resize <path> <bytes>), or move it away and let libvirt create it.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["Source and target image have different sizes"],
        },
        new("DestinationStorageFull", FailureCategory.ResourceUnavailable,
            f => $"'{f.Destination}' has no room for the copy of a disk. {f.Said}",
            f => $"To see what is free: virsh -c {f.DestinationWord} pool-list --details. Make room on '{f.Destination}', or copy " +
                $"only some of the disks: " +
                $"{Migrate(f, Use(MigrationOptions.CopyStorage, "All"), Use(MigrationOptions.MigrateDisk, "vda"))}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["No space left on device", "Disk quota exceeded"],
        },
        new("DiskTargetUnknown", FailureCategory.InvalidArgument,
            f => $"The VM has no disk of that name. {f.Said}",
            f => $"The names are those in the column Target of: virsh -c {f.HostWord} domblklist {f.VmWord}. " +
                $"{Use(MigrationOptions.MigrateDisk)} completes them with the Tab key.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["disk target…not found", "unable to find disk by target"],
        },
        new("DiskNotCopyable", FailureCategory.InvalidArgument,
            f => $"A disk that was to be copied is empty, read-only or shared by both hosts. {f.Said}",
            f => $"Name the disks that only the source has with {Use(MigrationOptions.MigrateDisk)}; otherwise all disks not marked " +
                $"shareable are copied. To eject a CD-ROM image: virsh -c {f.HostWord} change-media {f.VmWord} <drive> --eject")
        {
            CanRetry = false,
            Patterns = ["Cannot migrate empty or read-only disk", "Block node is read-only"],
        },
        new("StorageCopyFailed", FailureCategory.OperationStopped,
            f => $"Copying a disk of the VM failed. {f.Said}",
            f => $"The daemon's log on '{f.Destination}' says more: journalctl -u virtqemud -u libvirtd. What is free there: " +
                $"virsh -c {f.DestinationWord} pool-list --details")
        {
            IsFrame = true,
            Patterns = ["migration of disk"],
        },
        new("DiskIoError", FailureCategory.ReadError,
            f => $"A disk of the VM had an I/O error. {f.Said}",
            f => $"To see which: virsh -c {f.HostWord} domblkerror {f.VmWord}. Fix the storage, resume the guest (virsh -c " +
                $"{f.HostWord} resume {f.VmWord}) and try again; without {Use(MigrationOptions.AbortOnError)} a VM migrates " +
                $"despite the error.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["cannot migrate domain with I/O error", "failed due to I/O error"],
        },
    ];
}
