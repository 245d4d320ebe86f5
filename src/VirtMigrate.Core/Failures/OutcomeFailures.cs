using VirtMigrate.Options;
using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Failures;

/// <summary>How a migration that began has ended, and what a migration under way can't be asked for.</summary>
internal static class OutcomeFailures
{
    /// <summary>It was ended on request.</summary>
    public static readonly Failure Stopped = new("MigrationStopped", FailureCategory.OperationStopped,
        f => $"The migration of VM '{f.Vm}' was stopped: {f.Said}",
        f => $"The VM is where it was before. To try again: {Migrate(f)}")
    {
        CanRetry = true, End = MigrationEnd.Client, Codes = [78],
        Patterns = ["canceled by client", "operation aborted"],
    };

    /// <summary>It failed for a reason that has no row.</summary>
    public static readonly Failure Failed = new("MigrationFailed", FailureCategory.OperationStopped,
        f => f.Said,
        f => $"The daemons' logs on both hosts say more: journalctl -u virtqemud -u libvirtd, and " +
            $"/var/log/libvirt/qemu/{f.VmWord}.log. To try again: " +
            $"{Migrate(f)}");

    /// <summary>It took longer than was allowed.</summary>
    public static readonly Failure Timeout = new("MigrationTimedOut", FailureCategory.OperationTimeout,
        f => f.Said,
        f => $"Give it more time ({Use(MigrationOptions.Timeout)}), more bandwidth ({Use(MigrationOptions.Parallel)}, " +
            $"{Use(MigrationOptions.Bandwidth)}), or allow a longer downtime ({Use(MigrationOptions.MaxDowntime, 1000)}). To see " +
            $"how fast the guest wrote memory: " +
            $"{OnHost(Operation.ListMigrations, f)
                .Show(nameof(VmMigrationJobInfo.Vm), nameof(VmMigrationJobInfo.DirtyRate), nameof(VmMigrationJobInfo.Rate), nameof(VmMigrationJobInfo.Iteration))}")
    {
        CanRetry = true,
    };

    /// <summary>Its policy aborted it.</summary>
    public static readonly Failure AbortedByPolicy = new("MigrationAbortedByPolicy", FailureCategory.LimitsExceeded,
        f => f.Said,
        _ => $"The VM runs on as before. What the policy saw and decided at each iteration: " +
            $"(the result).{nameof(VmMigrationResult.Decisions)}. Allow a " +
            $"longer downtime ({Use(MigrationOptions.MaxDowntime, 2000)}), give more bandwidth " +
            $"({Use(MigrationOptions.Parallel)}), let the guest run at the destination before all of its memory is there " +
            $"({Use(Parameter.Policy, "PostCopy")}), or write a policy of your own: {Call(Operation.WritePolicy)}")
    {
        CanRetry = true,
    };

    /// <summary>The VM can't be seen for certain: this goes before the reason, since it says what not to do.</summary>
    public static readonly Failure Unknown = new("MigrationOutcomeUnknown", FailureCategory.InvalidResult,
        f => f.Said,
        f => $"Don't start, undefine or destroy the VM on either host until both have answered. Look again: " +
            $"{OnBoth(Operation.VerifyMigration, f)}")
    {
        CanRetry = false,
    };

    /// <summary>The guest runs on both hosts: as <see cref="Unknown"/>, but nothing is to be waited for.</summary>
    public static readonly Failure RunsTwice = Unknown with
    {
        Advice = f => $"Decide which instance to keep, and stop the other on its host: virsh -c {f.HostWord} destroy {f.VmWord}, or " +
            $"virsh -c {f.DestinationWord} destroy {f.VmWord}. Then check the guest's disks, and look again: " +
            $"{OnBoth(Operation.VerifyMigration, f)}",
    };

    /// <summary>The VM arrived in another state than was asked for.</summary>
    public static readonly Failure ArrivedChanged = new("VmArrivedChanged", FailureCategory.InvalidResult,
        f => f.Said,
        f => $"Find out why the VM is in that state before you resume or start it. QEMU's log says more: tail " +
            $"/var/log/libvirt/qemu/{f.VmWord}.log, on '{f.Destination}'. Then look again: {OnBoth(Operation.VerifyMigration, f)}")
    {
        CanRetry = false,
    };

    /// <summary>The VM stayed in another state than it had, where the reason is not known.</summary>
    public static readonly Failure StayedChanged = new("VmStayedChanged", FailureCategory.InvalidResult,
        f => f.Said,
        f => $"Find out why the VM is in that state before you resume it or try again. QEMU's log says more: tail " +
            $"/var/log/libvirt/qemu/{f.VmWord}.log, on '{f.Host}'. Then look again: {OnBoth(Operation.VerifyMigration, f)}")
    {
        CanRetry = false,
    };

    /// <summary>The guest shut itself down.</summary>
    public static readonly Failure GuestShutDown = new("GuestShutDown", FailureCategory.OperationStopped,
        f => f.Said,
        _ => $"The guest shut down, by itself or on request. Start it on the host that the message names, and on no other; then " +
            $"migrate it again.")
    {
        CanRetry = false,
    };

    /// <summary>Somebody destroyed the VM.</summary>
    public static readonly Failure GuestDestroyed = new("GuestDestroyed", FailureCategory.OperationStopped,
        f => f.Said,
        _ => $"Somebody destroyed the VM (virsh destroy). Find out who and why, then start it on the host that the message names, and on no other.")
    {
        CanRetry = false,
    };

    /// <summary>The guest or its QEMU crashed.</summary>
    public static readonly Failure GuestCrashed = new("GuestCrashed", FailureCategory.OperationStopped,
        f => f.Said,
        f => $"QEMU's log on the host that the message names says why: tail /var/log/libvirt/qemu/{f.VmWord}.log. Start the VM there, " +
            $"and on no other host.")
    {
        CanRetry = false,
    };

    /// <summary>Its post-copy broke: this goes before the reason, since it says what not to do.</summary>
    public static readonly Failure PostCopyFailed = new("PostCopyFailed", FailureCategory.OperationStopped,
        f => f.Said,
        f => $"Fix the link between the hosts, then resume: {OnBoth(Operation.ResumeMigration, f)}. Destroying either half loses " +
            $"the guest.")
    {
        CanRetry = false,
        Patterns = ["failed in post-copy phase"],
    };

    /// <summary>What was asked would lose the VM, since each host holds a half of it in post-copy.</summary>
    public static readonly Failure PostCopyActive = new("PostCopyActive", FailureCategory.InvalidOperation,
        f => f.Said,
        f => $"Let it finish: {OnHost(Operation.WaitForMigration, f)}. Don't stop it unless you must: with " +
            $"{OnHost(Operation.StopMigration, f, Use(Parameter.Force))} the guest halts when it needs memory that has not arrived, and is " +
            $"lost if a host fails before {Call(Operation.ResumeMigration)}.")
    {
        CanRetry = false, End = MigrationEnd.Source,
        Patterns = ["cannot abort migration in post-copy mode", "QEMU reports migration is still running"],
    };

    /// <summary>What was asked would lose the VM, since its post-copy broke and each host holds a half of it.</summary>
    public static readonly Failure PostCopyPaused = new("PostCopyPaused", FailureCategory.ResourceUnavailable,
        f => f.Said,
        f => $"Resume it: {OnVm(Operation.ResumeMigration, f)}. Where the session is not connected to both hosts, name the one that it came " +
            $"from with {Use(Parameter.VmHost)} and the other with {Use(Parameter.Destination)}. Destroying either half loses the guest.");

    /// <summary>A migration that was started without post-copy can't be switched to it.</summary>
    public static readonly Failure PostCopyNotEnabled = new("PostCopyNotEnabled", FailureCategory.InvalidOperation,
        f => f.Said,
        f => $"Only a migration that begins with {Use(MigrationOptions.PostCopy)} can be switched: " +
            $"{OnBoth(Operation.Migrate, f, Use(MigrationOptions.PostCopy))}. To help this one to complete: " +
            $"{OnHost(Operation.ChangeMigration, f, Use(MigrationOptions.MaxDowntime, 1000))}");

    /// <summary>There is no broken post-copy of the VM that could be resumed.</summary>
    public static readonly Failure NotPostCopyPaused = new("NotPostCopyPaused", FailureCategory.InvalidOperation,
        f => f.Said,
        f => $"To see what is under way and what ended last: {OnVm(Operation.ListMigrations, f)}. To see its state on both hosts: " +
            $"{OnVm(Operation.VerifyMigration, f)}");

    /// <summary>One of the two halves of a VM in post-copy is gone, so that the guest can't be brought back.</summary>
    public static readonly Failure PostCopyLost = new("PostCopyLost", FailureCategory.InvalidResult,
        f => f.Said,
        f => $"First look at both hosts: {OnBoth(Operation.VerifyMigration, f)}. Only if one half is really gone, the guest's memory is " +
            $"lost: destroy the other half on its host (virsh -c {f.HostWord} destroy {f.VmWord}, or virsh -c {f.DestinationWord} destroy " +
            $"{f.VmWord}), then start the VM from its disks, as after a power cut, on one host only.")
    {
        CanRetry = false,
    };

    /// <summary>A broken post-copy was to be resumed and nothing moved within the time that was allowed.</summary>
    public static readonly Failure ResumeTimedOut = new("ResumeTimedOut", FailureCategory.OperationTimeout,
        f => f.Said,
        f => $"Check that '{f.Host}' and '{f.Destination}' reach each other (ports 49152 to 49215) and that QEMU responds on both: tail " +
            $"/var/log/libvirt/qemu/{f.VmWord}.log. Then try again: {OnBoth(Operation.ResumeMigration, f)}. Destroying either half " +
            $"loses the guest.");

    /// <summary>A daemon has not noticed that it is over.</summary>
    public static readonly Failure ResumeUnnoticed = ResumeTimedOut with
    {
        Advice = f => $"Restart libvirt on the host that still shows a post-copy: systemctl restart virtqemud (or libvirtd). The guest keeps " +
            $"running. Then look again: {OnBoth(Operation.VerifyMigration, f)}",
    };

    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        Stopped, Failed, Timeout, AbortedByPolicy, Unknown, RunsTwice, ArrivedChanged, StayedChanged, GuestShutDown,
        GuestDestroyed, GuestCrashed, PostCopyFailed, PostCopyActive, PostCopyPaused, PostCopyNotEnabled, NotPostCopyPaused, PostCopyLost,
        ResumeTimedOut, ResumeUnnoticed,
    ];

    /// <summary>How a migration that failed ended: what became of the VM goes before the reason.</summary>
    /// <param name="verification">What became of the VM.</param>
    /// <param name="reason">Why it failed; null where that is not known.</param>
    public static Failure Of(VmMigrationVerification verification, Failure? reason) => verification.Outcome switch
    {
        MigrationOutcome.RolledBack => reason ?? Failed,
        MigrationOutcome.PostCopyPaused => PostCopyFailed,
        MigrationOutcome.ArrivedChanged => ArrivedChanged,
        MigrationOutcome.StayedChanged => reason ?? StayedChanged,
        MigrationOutcome.GuestShutDown => GuestShutDown,
        MigrationOutcome.GuestDestroyed => GuestDestroyed,
        MigrationOutcome.GuestCrashed => GuestCrashed,
        _ => verification is { SourceInstance.IsExecuting: true, DestinationInstance.IsExecuting: true } ? RunsTwice : Unknown,
    };

    /// <summary>The VM is in post-copy, and can't be taken back.</summary>
    public static MigrationException IsInPostCopy(string vm) => new(PostCopyActive, new()
    {
        Vm = vm, Said = $"The VM '{vm}' is in post-copy: its memory is split between both hosts and can't be taken back.",
    });

    /// <summary>The VM's post-copy broke.</summary>
    public static MigrationException IsBroken(string vm) => new(PostCopyPaused, new()
    {
        Vm = vm, Said = $"The post-copy of VM '{vm}' broke: each host holds half of it, and neither half may be destroyed.",
    });

    /// <summary>The migration can't be switched to post-copy.</summary>
    public static MigrationException HasNoPostCopy(string vm, Exception cause) => new(PostCopyNotEnabled, new()
    {
        Vm = vm, Said = $"The migration of VM '{vm}' was started without post-copy and can't be switched to it.",
    }, cause);

    /// <summary>There is nothing to resume.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="reason">What there is instead.</param>
    public static MigrationException HasNothingToResume(string vm, string reason) => new(NotPostCopyPaused, new()
    {
        Vm = vm, Said = $"VM '{vm}' has no broken post-copy to resume: {reason}",
    });
}
