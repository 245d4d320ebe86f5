using static VirtMigrate.Migration.InstanceState;

namespace VirtMigrate.Migration;

/// <summary>One row of the table: what the evidence has to be like, and what follows.</summary>
/// <param name="When">The evidence, in words.</param>
/// <param name="Outcome">The outcome.</param>
/// <param name="Applies">Whether some evidence is like that.</param>
/// <param name="Say">What follows, in a sentence for people.</param>
internal sealed record VerdictRow(string When, MigrationOutcome Outcome, Func<MigrationEvidence, bool> Applies, Func<MigrationEvidence, string> Say)
{
    /// <summary>Whether what was seen is on its way to something else, so that it is worth looking again.</summary>
    public bool IsInProgress { get; init; }
}

/// <summary>Concludes from the evidence what has become of a migration. The first row of the table that applies is the verdict.</summary>
internal static class MigrationVerdict
{
    /// <summary>The table. Its last row always applies.</summary>
    public static IReadOnlyList<VerdictRow> Table { get; } = [.. Broken(), .. Unseen(), .. UnderWay(), .. Arrived(), .. Stayed(), .. Ended(), .. Offline(), .. Unasked(), Rest];

    private static VerdictRow Rest => new("Anything else.", MigrationOutcome.Unknown, _ => true,
        e => $"What happened to '{e.Vm}' is not clear from what both hosts report. {Both(e)}{Warn(e)}");

    /// <summary>Concludes.</summary>
    /// <param name="evidence">What is known.</param>
    /// <returns>The row that applies.</returns>
    public static VerdictRow Find(MigrationEvidence evidence)
    {
        foreach (var row in Table)
        {
            if (row.Applies(evidence))
            {
                return row;
            }
        }

        throw new InvalidOperationException("The last row of the table applies to everything.");
    }

    /// <summary>Concludes.</summary>
    /// <param name="evidence">What is known.</param>
    /// <returns>The conclusion, with what both hosts say.</returns>
    public static VmMigrationVerification Of(MigrationEvidence evidence)
    {
        var row = Find(evidence);
        return new()
        {
            Vm = evidence.Vm,
            Uuid = evidence.Uuid,
            Source = evidence.Source.VmHost,
            Destination = evidence.Destination.VmHost,
            SourceInstance = evidence.Source,
            DestinationInstance = evidence.Destination,
            Outcome = row.Outcome,
            IsInProgress = row.IsInProgress,
            MayTakeEffect = row.Outcome != MigrationOutcome.Completed && evidence.MayTakeEffect,
            Message = row.Say(evidence),
        };
    }

    // Libvirt gives "post-copy failed" to a half whose QEMU lost the other one, and also to one whose daemon or client went away while the
    // two QEMUs carry on.
    private static IEnumerable<VerdictRow> Broken()
    {
        yield return new("Post-copy failed on one host, and the other host did not answer.", MigrationOutcome.PostCopyPaused,
            e => (e.SourceState, e.DestinationState) is (PostCopyFailed, InstanceState.Unseen) or (InstanceState.Unseen, PostCopyFailed),
            e => $"Post-copy of '{e.Vm}' broke: '{From(e)}' and '{To(e)}' hold half of it each, and '{(e.Source.IsKnown ? To(e) : From(e))}' " +
                $"did not answer ({e.Source.Error ?? e.Destination.Error}). Destroy neither half; the migration can be resumed when both hosts answer.");
        yield return new("Post-copy failed on both hosts.", MigrationOutcome.PostCopyPaused,
            e => (e.SourceState, e.DestinationState) is (PostCopyFailed, PostCopyFailed),
            e => $"Post-copy of '{e.Vm}' broke: '{From(e)}' and '{To(e)}' hold half of it each. Destroy neither half; the migration can be resumed.");
        yield return new("Post-copy failed on one host, and continues on the other.", MigrationOutcome.PostCopyPaused,
            e => (e.SourceState, e.DestinationState) is (PostCopyFailed, PostCopy) or (PostCopy, PostCopyFailed),
            e => $"Libvirt no longer follows the post-copy of '{e.Vm}': it is {e.Source} on '{From(e)}' and {e.Destination} on '{To(e)}'. " +
                "It may still complete by itself. Destroy neither half; the migration can be resumed.")
        { IsInProgress = true };

        // The last of the memory has crossed. A daemon that was just busy when QEMU said so never learns of it by itself.
        yield return new("Post-copy failed on one host, and the other has the whole VM, or reports it as migrated away.", MigrationOutcome.Unknown,
            e => (e.SourceState == PostCopyFailed && e.DestinationState is Running or Paused or Moving or MigratedAway) ||
                (e.DestinationState == PostCopyFailed && e.SourceState is Running or Paused or Moving or MigratedAway),
            e => $"All memory of '{e.Vm}' has reached '{To(e)}', but libvirt on '{(e.SourceState == PostCopyFailed ? From(e) : To(e))}' still shows a " +
                $"post-copy: it is {e.Source} on '{From(e)}' and {e.Destination} on '{To(e)}'. If this does not change, restart libvirt on " +
                $"'{(e.SourceState == PostCopyFailed ? From(e) : To(e))}'; the guest keeps running.")
        { IsInProgress = true };
        foreach (var (end, outcome, what) in Ends)
        {
            yield return new($"The source has its half of a post-copy, and the guest ended on the destination: {what}.", outcome,
                e => e.SourceState is PostCopyFailed && !e.Source.IsExecuting && e.DestinationState == end,
                e => $"Half of '{e.Vm}' is gone: it {what} on '{To(e)}' while part of its memory was still on '{From(e)}'. The guest's memory is " +
                    $"lost; only its disks are left. {Both(e)}");
        }

        yield return new("Post-copy failed on one host, and the other half is gone.", MigrationOutcome.Unknown,
            e => e.SourceState == PostCopyFailed || e.DestinationState == PostCopyFailed,
            e => $"Half of '{e.Vm}' is gone: it is {e.Source} on '{From(e)}' and {e.Destination} on '{To(e)}'. Its memory was split between " +
                "both hosts and is lost; only its disks are left.");
    }

    private static IEnumerable<VerdictRow> Unseen()
    {
        yield return new("A host did not answer.", MigrationOutcome.Unknown, e => !e.Source.IsKnown || !e.Destination.IsKnown,
            e => $"The state of '{e.Vm}' is unknown. {Both(e)} Don't start it on either host until both have answered.{Warn(e)}");
    }

    private static IEnumerable<VerdictRow> UnderWay()
    {
        yield return new("The guest runs on both hosts.", MigrationOutcome.Unknown,
            e => (e.SourceState, e.DestinationState) is (Running, Running),
            e => $"'{e.Vm}' is running on BOTH '{From(e)}' and '{To(e)}'. Stop one of them now: two instances that write to the same disks corrupt them.");
        yield return new("The VM is active on both hosts.", MigrationOutcome.Unknown, e => e.Source.IsActive && e.Destination.IsActive,
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}' and {e.Destination.Status} on '{To(e)}': the migration is still under way.")
        { IsInProgress = true };
        yield return new("The VM is active on one host, in the middle of a migration whose call or job has not ended.", MigrationOutcome.Unknown,
            e => !e.IsLeftPaused && (e.SourceState is Moving or PostCopy || e.DestinationState is Moving or PostCopy),
            e => e.Source.IsActive
                ? $"'{e.Vm}' is {e.Source.Status} on '{From(e)}' and not active on '{To(e)}'.{Warn(e)}"
                : $"'{e.Vm}' is {e.Destination.Status} on '{To(e)}' and not active on '{From(e)}'.{Warn(e)}")
        { IsInProgress = true };
    }

    private static IEnumerable<VerdictRow> Arrived()
    {
        yield return new("It was active. Both hosts say that it has moved, and it is on the destination as asked; libvirt has not answered the call yet.",
            MigrationOutcome.Completed, e => e.WasActive == true && e.Destination.IsActive && e.HasMoved && e.IsAsAsked && e.MayTakeEffect, SayArrived)
        { IsInProgress = true };
        yield return new("It was active. The call, or both hosts, say that it has moved, and it is on the destination as asked.",
            MigrationOutcome.Completed, e => e.WasActive == true && e.Destination.IsActive && e.HasMoved && e.IsAsAsked, SayArrived);
        yield return new("It was active. The call, or both hosts, say that it has moved, and it is on the destination, but not as asked.",
            MigrationOutcome.ArrivedChanged, e => e.WasActive == true && e.Destination.IsActive && e.HasMoved,
            e => $"'{e.Vm}' moved to '{To(e)}' and is {e.Destination.Status} there; it was {e.Before} before.{Definitions(e)}");
        yield return new("It was active. It is on the destination, and nothing shows that this migration brought it there.", MigrationOutcome.Unknown,
            e => e.WasActive == true && e.Destination.IsActive,
            e => $"'{e.Vm}' is {e.Destination.Status} on '{To(e)}' and not active on '{From(e)}', but nothing shows that this migration brought it there. {Both(e)}");
    }

    private static IEnumerable<VerdictRow> Stayed()
    {
        yield return new("It is on the source, and the migration may still take effect.", MigrationOutcome.Unknown,
            e => e.Source.IsActive && e.MayTakeEffect,
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}' and not active on '{To(e)}'.{Warn(e)}")
        { IsInProgress = true };
        yield return new("It is on the source, although the call said that it has moved.", MigrationOutcome.Unknown,
            e => e.Source.IsActive && e.Call == CallState.Succeeded,
            e => $"Libvirt reported that '{e.Vm}' has moved, but it is {e.Source.Status} on '{From(e)}' and not active on '{To(e)}'.");
        yield return new("It is on the source as it was before, and the migration can't take effect any more.", MigrationOutcome.RolledBack,
            e => e.Source.IsActive && e.IsAsBefore, SayStayed);
        yield return new("It is on the source, not as it was before, and the migration can't take effect any more.", MigrationOutcome.StayedChanged,
            e => e.Source.IsActive,
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}'; before the migration it was {e.Before}" +
                (e.WasPersistent == true && !e.Source.IsPersistent ? ", and it is not defined there any more" : string.Empty) + $".{Leftover(e)}");
    }

    private static IEnumerable<VerdictRow> Ended()
    {
        foreach (var (end, outcome, what) in Ends)
        {
            yield return new($"It was active and is on neither host now. It has moved, and on the destination it {what}.", outcome,
                e => e.WasActive == true && e.HasMoved && e.DestinationState == end,
                e => $"'{e.Vm}' moved to '{To(e)}' and {what} there.{Definitions(e)}");
            yield return new($"It was active and is on neither host now. It ran on the destination in post-copy, and there it {what}.", outcome,
                e => e.WasActive == true && e.RanOnDestination && e.DestinationState == end,
                e => $"'{e.Vm}' ran on '{To(e)}' in post-copy and {what} there. It runs on neither host. {Both(e)}{Warn(e)}");
        }

        foreach (var (end, outcome, what) in Ends)
        {
            yield return new($"It was active and is on neither host now. On the source it {what}, there was no post-copy, and nothing shows that it had moved.", outcome,
                e => e.WasActive == true && !e.WasInPostCopy && !e.MayHaveMoved && e.SourceState == end,
                e => $"'{e.Vm}' {what} on '{From(e)}' before it had moved. It runs on neither host.{Warn(e)}");
        }

        yield return new("It was active and is on neither host now. It has moved and has ended on the destination since, which defines it.",
            MigrationOutcome.ArrivedChanged, e => e.WasActive == true && e.HasMoved && e.Destination.Status is not null,
            e => $"'{e.Vm}' moved to '{To(e)}' and is {e.Destination} there since.{Definitions(e)}");
        yield return new("It was active and is on neither host now. It has moved, and the destination no longer has it.", MigrationOutcome.Unknown,
            e => e.WasActive == true && e.HasMoved,
            e => $"'{e.Vm}' moved to '{To(e)}', which no longer has it: it has ended there since, and the reason is unknown. {Both(e)}");
        yield return new("It was active, and its memory was saved on the source.", MigrationOutcome.StayedChanged,
            e => e.WasActive == true && !e.MayTakeEffect && e.Source.Status is { IsSaved: true },
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}': its memory was saved (virsh save or managedsave) during the migration. Before the migration it was {e.Before}.");
        yield return new("It was active and is on neither host now.", MigrationOutcome.Unknown, e => e.WasActive == true,
            e => $"'{e.Vm}' ran when its migration began and now runs on NEITHER host. {Both(e)}{Warn(e)}");
    }

    private static IEnumerable<VerdictRow> Offline()
    {
        yield return new("It was shut off. The migration may still take effect.", MigrationOutcome.Unknown, e => e.WasActive == false && e.MayTakeEffect,
            e => $"'{e.Vm}' was shut off. {Both(e)}{Warn(e)}")
        { IsInProgress = true };
        yield return new("It was shut off. The call, or the definition on the destination, says that it has moved.", MigrationOutcome.Completed,
            e => e.WasActive == false && (e.Call == CallState.Succeeded || e.DefinitionArrived) &&
                e.Destination is { IsActive: false, Status: not null } && !e.Source.IsActive,
            e => $"'{e.Vm}' is {e.Destination.Status} on '{To(e)}'.{Definitions(e)}");
        yield return new("It was shut off. It has moved, and somebody has started it on the destination since.", MigrationOutcome.ArrivedChanged,
            e => e.WasActive == false && (e.Call == CallState.Succeeded || e.DefinitionArrived) && e.Destination.IsActive,
            e => $"'{e.Vm}' moved to '{To(e)}' and is {e.Destination.Status} there; it was shut off before.{Definitions(e)}");
        yield return new("It was shut off. The call did not move it, and the source has it as before.", MigrationOutcome.RolledBack,
            e => e.WasActive == false && e.Call is not CallState.Succeeded && e.SourceState == ShutOff && !e.Destination.IsActive && e.IsAsBefore,
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}', as before the migration.{Leftover(e)}");
        yield return new("It was shut off. The call did not move it, and the source has it, but not as before.", MigrationOutcome.StayedChanged,
            e => e.WasActive == false && e.Call is not CallState.Succeeded && e.SourceState == ShutOff && !e.Destination.IsActive,
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}', but its definition there is not the one from before the migration.{Leftover(e)}");
    }

    // Nobody here moved it: what the two hosts say is all there is.
    private static IEnumerable<VerdictRow> Unasked()
    {
        yield return new("No migration is known. It is active on the destination alone.", MigrationOutcome.Completed,
            e => e.WasActive is null && e.Destination.IsActive, SayArrived);
        yield return new("No migration is known. It is shut off, and the destination alone has it, or the source says that it has moved.",
            MigrationOutcome.Completed,
            e => e.WasActive is null && e.DestinationState is not Absent && e.SourceState is Absent or MigratedAway && e.DestinationState is not MigratedAway,
            e => $"'{e.Vm}' is {e.Destination.Status} on '{To(e)}'.{Definitions(e)}");
        yield return new("No migration is known. It is shut off, and the source alone has it.", MigrationOutcome.RolledBack,
            e => e.WasActive is null && !e.MayTakeEffect && e.DestinationState is Absent && e.SourceState is not Absent and not MigratedAway,
            e => $"'{e.Vm}' is {e.Source.Status} on '{From(e)}', and only there.");
        foreach (var (end, outcome, what) in Ends)
        {
            yield return new($"No migration is known. Both hosts define it; on the source it {what}, and the destination reports no end.", outcome,
                e => e.WasActive is null && e.SourceState == end && e.DestinationState is ShutOff or MigratedAway,
                e => $"'{e.Vm}' {what} on '{From(e)}'. {Both(e)}");
        }
    }

    private static (InstanceState End, MigrationOutcome Outcome, string What)[] Ends =>
    [
        (ShutDown, MigrationOutcome.GuestShutDown, "was shut down"),
        (Destroyed, MigrationOutcome.GuestDestroyed, "was destroyed"),
        (Crashed, MigrationOutcome.GuestCrashed, "crashed"),
    ];

    private static string SayArrived(MigrationEvidence e) =>
        $"'{e.Vm}' is {e.Destination.Status} on '{To(e)}' and only there.{Definitions(e)}" +
        (e.Call == CallState.Failed ? " Libvirt reported an error nevertheless." : string.Empty) +
        (e.MayTakeEffect ? " Libvirt has not answered the migrate call yet." : string.Empty);

    private static string SayStayed(MigrationEvidence e) => Leftover(e) is { Length: > 0 } leftover
        ? $"'{e.Vm}' is {e.Source.Status} on '{From(e)}', as before the migration.{leftover}"
        : $"'{e.Vm}' is {e.Source.Status} on '{From(e)}', as before the migration, and only there.";

    private static string Definitions(MigrationEvidence e) => (e.Source.IsPersistent, e.Destination.IsPersistent) switch
    {
        (true, true) => $" It is defined on both hosts; '{From(e)}' could start a second instance.",
        (true, false) => $" It is defined on '{From(e)}' only; on '{To(e)}' it vanishes when it is shut off.",
        (false, false) => " It is defined on neither host and vanishes when it is shut off.",
        (false, true) => string.Empty,
    };

    private static string Leftover(MigrationEvidence e) => e.Destination.Status is { } status
        ? $" '{To(e)}' has a definition of it ({status})" + (e.LeftoverBefore is null && e.WasActive is not null && e.Call != CallState.Foreign ? ", which was not there before." : ".")
        : string.Empty;

    private static string Warn(MigrationEvidence e) => e.MayTakeEffect
        ? " The migration may still take effect, because libvirt has not answered. Don't start the VM on either host, and check both again before you retry."
        : string.Empty;

    private static string Both(MigrationEvidence e) => $"'{From(e)}' (source): {e.Source}. '{To(e)}' (destination): {e.Destination}.";

    private static string From(MigrationEvidence e) => e.Source.VmHost.Name;

    private static string To(MigrationEvidence e) => e.Destination.VmHost.Name;
}
