namespace VirtMigrate.Failures;

/// <summary>What the destination's processor, QEMU, firmware and memory can't do for the VM.</summary>
internal static class HostFailures
{
    private const int NoSupport = 3;
    private const int ArgumentUnsupported = 74;
    private const int OperationUnsupported = 84;
    private const int HookScriptFailed = 70;
    private const int CpuIncompatible = 91;

    /// <summary>The kinds.</summary>
    public static readonly MigrationFailureKind[] Table =
    [
        new("CpuIncompatible", false, MigrationEnd.Destination,
        [
            "guest CPU doesn't match specification", "the CPU is incompatible with host CPU", "Host CPU does not provide required features",
            "CPU model '…' is not supported by hypervisor",
        ]) { Codes = [CpuIncompatible] },
        new("InvtscFrequencyMissing", false, MigrationEnd.Source,
            ["'invtsc' CPU feature but TSC frequency is not specified", "cannot migrate domain:…invtsc"]),
        new("MachineTypeUnsupported", false, MigrationEnd.Destination, ["does not support machine type", "unsupported machine type"]),
        new("VirtTypeUnsupported", false, MigrationEnd.Destination,
            ["does not support virt type", "failed to initialize kvm", "Domain requires KVM, but it is not available"]),
        new("EmulatorMissing", false, MigrationEnd.Destination, ["Cannot check QEMU binary", "Cannot find suitable emulator", "Unable to find an emulator"]),
        new("MigrationStreamIncompatible", false, MigrationEnd.Destination,
            ["load of migration failed: ", "error while loading state", "Unknown savevm section", "Not a migration stream"]),
        new("FirmwareMissing", false, MigrationEnd.Destination,
        [
            "could not load PC BIOS", "unable to find any master var store", "unable to find any master NVRAM",
            "Unable to find '…' firmware that is compatible", "Failed to open file '….fd'…No such file or directory",
            "Failed to open file '…_VARS…No such file or directory", "Could not open '….fd'…No such file or directory",
        ]),
        new("MemoryInsufficient", true, MigrationEnd.Destination, ["Cannot allocate memory", "cannot set up guest memory"]),
        new("HugePagesMissing", false, MigrationEnd.Destination,
            ["hugetlbfs filesystem is not mounted", "Unable to find any usable hugetlbfs mount", "unable to map backing store for guest RAM"]),
        new("NumaNodeMissing", false, MigrationEnd.Destination,
            ["NUMA node…is not available", "NUMA node…is unavailable", "NUMA node…is out of range", "Invalid value '…' for 'cpuset.mems'"]),
        new("PinnedCpuMissing", false, MigrationEnd.Destination,
            ["Invalid value '…' for 'cpuset.cpus'", "cannot set CPU affinity on process"]),
        new("QemuFailed", null, MigrationEnd.Unknown,
        [
            "unexpectedly closed the monitor", "process exited while connecting to monitor", "guest unexpectedly quit",
            "Unable to read from monitor", "Unable to write to monitor",
        ]) { IsFrame = true },
        new("HookRefused", false, MigrationEnd.Unknown, ["Hook script execution failed"]) { Codes = [HookScriptFailed] },
        new("NotSupported", false, MigrationEnd.Unknown, ["Destination libvirt does not support peer-to-peer migration protocol"])
        {
            Codes = [NoSupport, ArgumentUnsupported, OperationUnsupported],
        },
    ];
}
