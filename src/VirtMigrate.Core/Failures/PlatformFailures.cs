using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;

namespace VirtMigrate.Failures;

/// <summary>What the destination's processor, QEMU, firmware and memory can't do for the VM.</summary>
internal static class PlatformFailures
{
    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        new("CpuIncompatible", FailureCategory.NotImplemented,
            f => $"The CPU of '{f.Destination}' lacks features that the guest uses. {f.Said}",
            f => $"Find a CPU model that both hosts support, from what each can do (virsh -c {f.HostWord} domcapabilities > 1.xml; virsh " +
                $"-c {f.DestinationWord} domcapabilities > 2.xml): cat 1.xml 2.xml > both.xml; virsh -c {f.HostWord} " +
                $"hypervisor-cpu-baseline both.xml --migratable. Set it with virsh -c {f.HostWord} edit {f.VmWord}, then shut the " +
                $"guest down and start it again.")
        {
            CanRetry = false, End = MigrationEnd.Destination, Codes = [91],
            Patterns =
            [
                "guest CPU doesn't match specification", "the CPU is incompatible with host CPU", "Host CPU does not provide required features",
                "CPU model '…' is not supported by hypervisor",
            ],
        },
        new("InvtscFrequencyMissing", FailureCategory.InvalidData,
            f => $"The guest has an invariant TSC whose frequency is not set. {f.Said}",
            f => $"Set it: virsh -c {f.HostWord} edit {f.VmWord}, with <timer name='tsc' frequency='...'/> in <clock>, or remove " +
                $"the feature invtsc; then restart the guest.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["'invtsc' CPU feature but TSC frequency is not specified", "cannot migrate domain:…invtsc"],
        },
        new("MachineTypeUnsupported", FailureCategory.NotImplemented,
            f => $"QEMU on '{f.Destination}' does not know the VM's machine type. {f.Said}",
            f => $"To see what it knows: virsh -c {f.DestinationWord} capabilities | grep '<machine'. Install a QEMU there that is " +
                $"as new as the one on '{f.Host}', or give the VM a machine type that both hosts support (virsh -c {f.HostWord} " +
                $"edit {f.VmWord}), then shut the guest down and start it again.")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["does not support machine type", "unsupported machine type"],
        },
        new("VirtTypeUnsupported", FailureCategory.NotImplemented,
            f => $"'{f.Destination}' can't run the VM with the same accelerator, such as KVM. {f.Said}",
            f => $"To see why: virt-host-validate qemu, on '{f.Destination}'. KVM needs virtualization enabled in the firmware " +
                $"setup, and its module: modprobe kvm_intel or kvm_amd")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["does not support virt type", "failed to initialize kvm", "Domain requires KVM, but it is not available"],
        },
        new("EmulatorMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' has no QEMU where the VM's definition says. {f.Said}",
            f => $"Find QEMU's path there: virsh -c {f.DestinationWord} capabilities | grep '<emulator'. Make a link to it at the " +
                $"path in the definition, or change the path: virsh -c {f.HostWord} dumpxml {f.VmWord} --migratable > vm.xml, " +
                $"change <emulator> in it, and {Migrate(f, Use(MigrationOptions.DestinationXml, "vm.xml"))}")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Cannot check QEMU binary", "Cannot find suitable emulator", "Unable to find an emulator"],
        },
        new("MigrationStreamIncompatible", FailureCategory.NotImplemented,
            f => $"QEMU on '{f.Destination}' does not understand the state that QEMU on '{f.Host}' sends. {f.Said}",
            f => $"An older QEMU can't load the state of a newer one: " +
                $"{Call(Operation.ListHosts).Show(nameof(VmHost.Name), nameof(VmHost.HypervisorVersion))}. The log says what was " +
                $"refused: tail /var/log/libvirt/qemu/{f.VmWord}.log, on '{f.Destination}'")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["load of migration failed: ", "error while loading state", "Unknown savevm section", "Not a migration stream"],
        },
        new("FirmwareMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks the firmware of the VM. {f.Said}",
            f => $"Install it on '{f.Destination}' in the same version as on '{f.Host}' (apt install ovmf; dnf install edk2-ovmf; " +
                $"for BIOS seabios). To see which files the VM names: virsh -c {f.HostWord} dumpxml {f.VmWord} | grep -E '<loader|<nvram'")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns =
            [
                "could not load PC BIOS", "unable to find any master var store", "unable to find any master NVRAM",
                "Unable to find '…' firmware that is compatible", "Failed to open file '….fd'…No such file or directory",
                "Failed to open file '…_VARS…No such file or directory", "Could not open '….fd'…No such file or directory",
            ],
        },
        new("MemoryInsufficient", FailureCategory.ResourceUnavailable,
            f => $"'{f.Destination}' has too little memory for the VM. {f.Said}",
            f => $"What is free there: virsh -c {f.DestinationWord} nodememstats. Move other VMs away first, or choose another " +
                $"destination: {Call(Operation.ListHosts)}")
        {
            CanRetry = true, End = MigrationEnd.Destination,
            Patterns = ["Cannot allocate memory", "cannot set up guest memory"],
        },
        new("HugePagesMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks the huge pages for the VM's memory. {f.Said}",
            f => $"What is free there: virsh -c {f.DestinationWord} freepages --all. Reserve some (virsh -c {f.DestinationWord} " +
                $"allocpages 2M <number>) and make sure that they are mounted: systemctl enable --now dev-hugepages.mount")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns =
            [
                "hugetlbfs filesystem is not mounted", "Unable to find any usable hugetlbfs mount", "unable to map backing store for guest RAM",
            ],
        },
        new("NumaNodeMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks a NUMA node that the VM's memory is bound to. {f.Said}",
            f => $"What it has: virsh -c {f.DestinationWord} capabilities | grep '<cell'. What the VM needs: virsh -c " +
                $"{f.HostWord} numatune {f.VmWord}. Bind it to another node, or only prefer one: virsh -c {f.HostWord} numatune " +
                $"{f.VmWord} --mode preferred --config, and restart the guest.")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns =
            [
                "NUMA node…is not available", "NUMA node…is unavailable", "NUMA node…is out of range", "Invalid value '…' for 'cpuset.mems'",
            ],
        },
        new("PinnedCpuMissing", FailureCategory.ObjectNotFound,
            f => $"'{f.Destination}' lacks a CPU that the VM is pinned to. {f.Said}",
            f => $"What it has: virsh -c {f.DestinationWord} nodeinfo. What the VM needs: virsh -c {f.HostWord} vcpupin " +
                $"{f.VmWord}; virsh -c {f.HostWord} emulatorpin {f.VmWord}. Pin it to CPUs that both hosts have, or set another " +
                $"pinning with {Use(MigrationOptions.DestinationXml)}.")
        {
            CanRetry = false, End = MigrationEnd.Destination,
            Patterns = ["Invalid value '…' for 'cpuset.cpus'", "cannot set CPU affinity on process"],
        },
        new("QemuFailed", FailureCategory.OperationStopped,
            f => $"The VM's QEMU process exited on one of the hosts. {f.Said}",
            f => $"Its log says why: tail /var/log/libvirt/qemu/{f.VmWord}.log, on '{f.Destination}' and on '{f.Host}'")
        {
            IsFrame = true,
            Patterns =
            [
                "unexpectedly closed the monitor", "process exited while connecting to monitor", "guest unexpectedly quit",
                "Unable to read from monitor", "Unable to write to monitor",
            ],
        },
        new("HookRefused", FailureCategory.PermissionDenied,
            f => $"A libvirt hook script on '{f.Host}' or '{f.Destination}' refused the migration. {f.Said}",
            f => $"Read what it checks (/etc/libvirt/hooks/qemu, and the scripts in qemu.d beside it, on '{f.Host}' and " +
                $"'{f.Destination}'), and the daemon's log there: journalctl -u virtqemud -u libvirtd")
        {
            CanRetry = false, Codes = [70],
            Patterns = ["Hook script execution failed"],
        },
    ];
}
