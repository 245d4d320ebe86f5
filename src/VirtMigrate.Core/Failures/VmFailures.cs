using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Failures;

/// <summary>The VM: which one it is, its state and its definition.</summary>
internal static class VmFailures
{
    /// <summary>The host has no such VM.</summary>
    public static readonly Failure NotFound = new("VmNotFound", FailureCategory.ObjectNotFound,
        f => $"There is no VM '{f.Vm}' on '{f.Host}'.",
        f => $"See what is there: {Call(Operation.ListVms, Use(Parameter.VmHost, f.Host))}. Name another host with " +
            $"{Use(Parameter.VmHost)}, or several names with a wildcard: " +
            $"{Call(Operation.ListVms, Use(Parameter.Subject, Example("web*")))}");

    /// <summary>A name is nobody's letter by letter, and that of several VMs in another case.</summary>
    public static readonly Failure NameAmbiguous = new("VmNameAmbiguous", FailureCategory.InvalidArgument,
        f => $"No VM is named exactly '{f.Vm}', but several are in another case: {f.Said}",
        f => $"Type one of them exactly, in its own case: " +
            $"{Call(Operation.ListHosts).Into(Operation.ListVms, Use(Parameter.Subject, f.Named))}");

    /// <summary>The VM is no longer on the host where it was seen.</summary>
    public static readonly Failure Gone = new("VmGone", FailureCategory.ObjectNotFound,
        f => $"VM '{f.Vm}' is not on '{f.Host}' any more.",
        f => $"It was moved, renamed or undefined since it was listed. To find it: {FindVm(f)}");

    /// <summary>What was to move is a definition that a VM has left behind: the VM itself is active on another host.</summary>
    public static readonly Failure RunsElsewhere = new("VmRunsElsewhere", FailureCategory.ResourceExists,
        f => $"The definition of VM '{f.Vm}' on '{f.Host}' is a leftover: '{f.Vm}' {f.Said} on '{f.Destination}'.",
        f => $"Move it from there: {FromThere(f)}. To remove the leftover, check that the VM is active on '{f.Destination}': " +
            $"virsh -c {f.DestinationWord} domstate {f.NamedWord}. Check that the leftover holds no changes that you need: virsh -c " +
            $"{f.HostWord} dumpxml {f.NamedWord} --inactive. Then remove it from '{f.Host}': virsh -c {f.HostWord} undefine " +
            $"{f.NamedWord} --keep-nvram (and --keep-tpm, where the hosts share the state of its TPM)");

    /// <summary>The host has a VM of that name or UUID already.</summary>
    public static readonly Failure Exists = new("VmExistsOnDestination", FailureCategory.ResourceExists,
        f => $"The destination already has a VM '{f.Vm}': {f.Said}",
        f => $"Look at both before you remove either: {LookAtBoth(f)}. If the UUIDs differ, one of the VMs needs another " +
            $"name. To remove a definition that an earlier migration left: virsh undefine, on the host where the VM does not run.")
    {
        CanRetry = false, End = MigrationEnd.Destination,
        Patterns = ["domain '…' is already active", "domain '…' already exists with uuid"],
    };

    /// <summary>Another job, such as a backup or a dump, holds the VM.</summary>
    public static readonly Failure Busy = new("VmBusy", FailureCategory.ResourceBusy,
        f => $"VM '{f.Vm}' is busy with another job: {f.Said}",
        f => $"To see whether it is migrating: {OnHost(Operation.ListMigrations, f)}. Backups, dumps and snapshots keep a VM busy as well; " +
            $"try again when they have ended.")
    {
        CanRetry = true,
        Patterns = ["cannot acquire state change lock", "another migration job is already running"],
    };

    /// <summary>The VM is already on its way.</summary>
    public static readonly Failure AlreadyMigrating = new("VmAlreadyMigrating", FailureCategory.ResourceBusy,
        f => f.Said,
        f => $"To follow it: {OnHost(Operation.WaitForMigration, f)}. To abort it: {OnHost(Operation.StopMigration, f)}");

    /// <summary>The VM does not run, as it must for what was asked.</summary>
    public static readonly Failure NotRunning = new("VmNotRunning", FailureCategory.InvalidOperation,
        f => f.Said,
        f => $"Leave {Use(MigrationOptions.Live)} out to let the state of each VM decide, or start the VM, if it runs on no other " +
            $"host: virsh -c {f.HostWord} start {f.VmWord}")
    {
        CanRetry = false, End = MigrationEnd.Source,
        Patterns = ["domain is not running"],
    };

    /// <summary>The VM is not shut off, as it must be to be migrated offline.</summary>
    public static readonly Failure NotShutOff = new("VmNotShutOff", FailureCategory.InvalidOperation,
        f => f.Said,
        f => $"Leave {Use(MigrationOptions.Offline)} out to move it while it runs, or shut it down first: virsh -c {f.HostWord} " +
            $"shutdown {f.VmWord}");

    /// <summary>The VM is not being migrated.</summary>
    public static readonly Failure NoJob = new("NoMigrationJob", FailureCategory.ObjectNotFound,
        f => $"No migration of VM '{f.Vm}' is under way.",
        f => $"To see what is under way on the connected hosts: {Call(Operation.ListMigrations)}. To see the VM: " +
            $"{OnHost(Operation.ListVms, f)}");

    /// <summary>Another connected host has such a VM.</summary>
    public static readonly Failure FoundElsewhere = NotFound with
    {
        Message = f => $"There is no VM '{f.Vm}' on '{f.Host}'. It is on '{f.Destination}'.",
        Advice = f => $"Name that host: " +
            $"{Call(Operation.ListVms, Use(Parameter.Subject, f.Vm), Use(Parameter.VmHost, f.DestinationWord.Word))}. As long as " +
            $"a VM has this name, it is not read as a wildcard.",
    };

    /// <summary>The VM is active where it was to go.</summary>
    public static readonly Failure RunsThere = RunsElsewhere with
    {
        Advice = f => $"There is nothing to move. To remove the leftover, check that the VM is active on '{f.Destination}': virsh -c " +
            $"{f.DestinationWord} domstate {f.NamedWord}. Check that the leftover holds no changes that you need: virsh -c " +
            $"{f.HostWord} dumpxml {f.NamedWord} --inactive. Then remove it from '{f.Host}': virsh -c {f.HostWord} undefine " +
            $"{f.NamedWord} --keep-nvram (and --keep-tpm, where the hosts share the state of its TPM)",
    };

    /// <summary>It does not run since it has moved to another host.</summary>
    public static readonly Failure MovedAway = NotRunning with
    {
        Advice = f => $"It has moved to another host. To find it: {FindVm(f)}. Name that host with {Use(Parameter.VmHost)}. Don't start it on " +
            $"'{f.Host}': it would run twice, on the same disks.",
    };

    /// <summary>Its dirty rate can't be measured, since its guest does not run.</summary>
    public static readonly Failure NotMeasurable = NotRunning with
    {
        Advice = f => $"Start it (virsh -c {f.HostWord} start {f.VmWord}) or resume it (virsh -c {f.HostWord} resume {f.VmWord}), then " +
            $"measure again: {OnHost(Operation.MeasureDirtyRate, f)}",
    };

    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        NotFound, NameAmbiguous, Gone, RunsElsewhere, Exists, Busy, AlreadyMigrating, NotRunning, NotShutOff, NoJob,
        FoundElsewhere, RunsThere, MovedAway, NotMeasurable,
        new("BlockJobActive", FailureCategory.ResourceBusy,
            f => $"A disk of the VM is being copied, merged or backed up. {f.Said}",
            f => $"To see the job: virsh -c {f.HostWord} blockjob {f.VmWord} <disk> --info, with the disk from virsh -c {f.HostWord} " +
                $"domblklist {f.VmWord}. Wait for it or abort it (--abort), then: {Migrate(f)}")
        {
            CanRetry = true, End = MigrationEnd.Source,
            Patterns = ["domain has active block job"],
        },
        new("SnapshotsPresent", FailureCategory.InvalidOperation,
            f => $"The VM has snapshots, and libvirt can't migrate those. {f.Said}",
            f => $"To see them: virsh -c {f.HostWord} snapshot-list {f.VmWord} --tree. If you can do without them, delete each (the state " +
                $"that it holds is lost): virsh -c {f.HostWord} snapshot-delete {f.VmWord} <snapshot>. To keep the images of external " +
                $"ones and remove only libvirt's record of them, add --metadata.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["cannot migrate domain with…snapshots"],
        },
        new("VmMarkedForAutoDestroy", FailureCategory.InvalidOperation,
            f => $"The VM was started with --autodestroy, to end with its client's connection, and can't be migrated. {f.Said}",
            _ => $"Start it without --autodestroy to be able to migrate it.")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["domain is marked for auto destroy"],
        },
        new("DefinitionIncompatible", FailureCategory.InvalidData,
            f => $"The definition for '{f.Destination}' describes other hardware than the guest runs on. {f.Said}",
            f => $"Change in {Use(MigrationOptions.DestinationXml)} only what the guest can't see (paths, networks, graphics), " +
                $"starting from: virsh -c {f.HostWord} dumpxml {f.VmWord} --migratable")
        {
            CanRetry = false,
            Patterns = ["Target…does not match source"],
        },
        new("NvramPresent", FailureCategory.InvalidOperation,
            f => $"The VM has an NVRAM file, and libvirt does not undefine such a VM by itself. {f.Said}",
            f => $"Leave {Use(MigrationOptions.UndefineSource)} out, and when the VM has moved: virsh -c {f.HostWord} undefine " +
                $"{f.VmWord} --nvram")
        {
            CanRetry = false, End = MigrationEnd.Source,
            Patterns = ["cannot undefine domain with nvram"],
        },
    ];

    /// <summary>The VM is no longer on the host where it was seen.</summary>
    public static MigrationException IsGone(string vm, string host) => new(Gone, new() { Vm = vm, Host = host });

    /// <summary>What was to move is a definition that a VM has left behind.</summary>
    /// <param name="leftover">The VM as the host has it that it was to leave.</param>
    /// <param name="active">The VM as the host has it that it is active on.</param>
    /// <param name="goal">The URI of the host that the leftover was to go to; null where none was named.</param>
    /// <param name="isThere">Whether the VM is active on that host, so that there is nothing to move.</param>
    public static MigrationException IsLeftover(Vm leftover, Vm active, string? goal, bool isThere) => new(isThere ? RunsThere : RunsElsewhere, new()
    {
        Vm = active.Name,
        Host = leftover.VmHost.Name,
        HostUri = leftover.VmHost.Uri,
        Destination = active.VmHost.Name,
        DestinationUri = active.VmHost.Uri,
        Said = active.Status.IsExecuting ? "runs" : $"is {active.Status}",
        Named = active.Uuid.ToString(),
        Goal = goal,
    });

    /// <summary>The destination has a VM that stands in the way.</summary>
    public static MigrationException IsOnDestination(Vm vm, Vm existing) => new(Exists, new()
    {
        Vm = vm.Name,
        Host = vm.VmHost.Name,
        HostUri = vm.VmHost.Uri,
        Destination = existing.VmHost.Name,
        DestinationUri = existing.VmHost.Uri,
        Said = vm.Uuid == existing.Uuid
            ? $"it is {existing.Status} on '{existing.VmHost.Name}'."
            : $"'{existing.Name}' on '{existing.VmHost.Name}' is another VM (UUID {existing.Uuid}, {existing.Status}).",
    });

    /// <summary>Another job than a migration holds the VM.</summary>
    public static MigrationException IsBusy(string vm, JobOperation operation) => new(Busy, new() { Vm = vm, Said = $"{operation}." });

    /// <summary>The VM is already on its way.</summary>
    public static MigrationException IsMigrating(string vm, string host) =>
        new(AlreadyMigrating, new() { Vm = vm, Said = $"The VM '{vm}' is already being migrated from '{host}'." });

    /// <summary>The VM is not being migrated.</summary>
    public static MigrationException IsNotMigrating(string vm) => new(NoJob, new() { Vm = vm });

    /// <summary>The VM is not in a state in which it could be migrated as asked.</summary>
    public static MigrationException HasWrongState(Vm vm, bool isLive) => new(
        !isLive ? NotShutOff : vm.Status.IsMigratedAway ? MovedAway : NotRunning, new()
        {
            Vm = vm.Name,
            Said = isLive
                ? $"The VM '{vm.Name}' is {vm.Status}; only a VM that runs can be migrated live."
                : $"The VM '{vm.Name}' is {vm.Status}; only a VM that is shut off can be migrated offline.",
        });

    /// <summary>The VM's dirty rate can't be measured, since its guest does not run.</summary>
    public static MigrationException WritesNothing(Vm vm) => new(vm.Status.IsMigratedAway ? MovedAway : NotMeasurable, new()
    {
        Vm = vm.Name,
        Said = vm.Status.IsActive
            ? $"The VM '{vm.Name}' is {vm.Status}: a guest that does not run writes nothing, and its dirty rate would read 0."
            : $"The VM '{vm.Name}' is {vm.Status}; the dirty rate can be measured only while a VM runs.",
    });

    // Where only one of the two is known, it may be either.
    private static AdviceCall LookAtBoth(FailureFacts facts) => facts.DestinationUri is null
        ? OnVm(Operation.VerifyMigration, facts)
        : OnBoth(Operation.VerifyMigration, facts);

    // To the host that was asked for, where one was.
    private static AdviceCall FromThere(FailureFacts facts)
    {
        var there = OnVm(Operation.Migrate, facts, Use(Parameter.VmHost, facts.DestinationWord.Word));
        return facts.Goal is null ? there : there with { Arguments = [.. there.Arguments, Use(Parameter.Destination, facts.Goal)] };
    }
}
