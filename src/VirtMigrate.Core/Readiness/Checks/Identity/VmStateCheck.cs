using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The VM must be in a state in which it can be moved as asked.</summary>
internal sealed class VmStateCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "The VM is in a state in which it can be migrated as requested.";
    public override bool CanChange => true;

    public override Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        FindingText fix = $"To see which disk: virsh -c {context.SourceUri} domblkerror {context.VmName}. Fix it (often the storage is full) and " +
            $"resume the guest: virsh -c {context.SourceUri} resume {context.VmName}";
        var finding = (context.OptionTrouble?.Failure.Id, vm.Status) switch
        {
            ("VmNotRunning", var status) => status.IsMigratedAway
                ? Failed(
                    $"The VM is {status}: it has moved to another host.",
                    advice: $"Find it, and migrate it from there: Get-VmHost | Get-Vm {context.VmName}. Don't start it on " +
                        $"'{context.SourceName}': it would run twice, on the same disks.",
                    libvirt: $"domain is not running")
                : Failed(
                    $"The VM is {status}; -Live is for running VMs.",
                    advice: $"Leave -Live out, or start the VM: virsh -c {context.SourceUri} start {context.VmName}",
                    libvirt: $"domain is not running"),
            ("VmNotShutOff", var status) => Failed(
                $"The VM is {status}; -Offline is for VMs that are shut off.",
                advice: $"Leave -Offline out, or shut the VM down: virsh -c {context.SourceUri} shutdown {context.VmName}"),
            (_, { IsIoError: true } status) => context.Options.Has(MigrationOptions.AbortOnError)
                ? Failed(
                    $"The VM is {status}: an I/O error of a disk paused it, and -AbortOnError refuses such a VM.",
                    advice: fix,
                    libvirt: $"cannot migrate domain with I/O error")
                : Warning(
                    $"The VM is {status}: an I/O error of a disk paused it, and it will arrive paused.",
                    advice: fix),
            (_, { IsMigratedAway: true } status) => Warning(
                $"The VM is {status}: it has moved to another host, and only the definition that it left behind would move now.",
                advice: $"Find it, and migrate it from there: Get-VmHost | Get-Vm {context.VmName}"),
            (_, { State: VmState.Crashed } status) => Warning(
                $"The VM is {status}; only its definition would move.",
                advice: $"Find out why it crashed (to keep its memory: virsh -c {context.SourceUri} dump {context.VmName} <file>), then end it: virsh -c " +
                    $"{context.SourceUri} destroy {context.VmName}"),
            (_, { State: VmState.ShuttingDown } status) => Warning(
                $"The VM is {status}, and may be shut off before it has moved.",
                advice: $"Wait until it is shut off, then its definition can move: virsh -c {context.SourceUri} domstate {context.VmName}"),
            (_, { State: VmState.PmSuspended } status) => Warning(
                $"The VM is {status}: the guest put itself to sleep, and QEMU may wake it up at the destination.",
                advice: $"Wake it up first: virsh -c {context.SourceUri} dompmwakeup {context.VmName}"),
            (_, { IsActive: true } status) => Passed($"The VM is {status} and moves with its memory."),
            (_, var status) => Passed($"The VM is {status}; its definition moves."),
        };
        return Task.FromResult(finding.Seen(vm.VmHost.Name, "state", vm.Status));
    }
}
