using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>Holds a run to the invariants, by what really happened.</summary>
internal sealed class Invariants(SimulatedWorld world, TimeSpan begunAt, TimeSpan? stoppedAt, bool knewBothHosts)
{
    // A look may have been answered late, and what it found have changed since.
    private static readonly TimeSpan LookAge = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    // What is asked of the hosts before the call is two answers long: a downtime limit is read, and then set.
    private static readonly TimeSpan Preparation = TimeSpan.FromSeconds(20);

    // A post-copy that moves nothing has as much more time than an abort.
    private static readonly TimeSpan PostCopyPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DowntimeError = TimeSpan.FromMilliseconds(50);
    private readonly List<Violation> _violations = [];
    private MigrationOutcome? _outcome;
    private bool _wasOut;
    private TimeSpan _verdictAt;

    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>The engine's verdict is out.</summary>
    public void AtVerdict(MigrationReport report)
    {
        var result = report.Result;
        _outcome = result.Outcome;
        _verdictAt = world.Time.Now;
        _wasOut = IsOut();
        CheckDeadline();
        switch (result.Outcome)
        {
            case MigrationOutcome.Completed:
                Check(Invariant.CompletedIsProven, HasArrived(), "Completed, though no migration brought the VM to the destination");
                Check(Invariant.CompletedIsProven, WasSo(IsCompleted), "Completed, though the VM was not on the destination, only there, in the state asked for");
                break;
            case MigrationOutcome.ArrivedChanged:
                Check(Invariant.CompletedIsProven, HasArrived() && WasSo(m => m.Destination.Exists && !m.Source.IsActive), "ArrivedChanged, though the VM is not on the destination alone");
                break;
            case MigrationOutcome.RolledBack:
                Check(Invariant.StayedIsProven, !_wasOut, "RolledBack, though the call is still out");
                Check(Invariant.StayedIsProven, WasSo(IsAsBefore), "RolledBack, though the VM is not on the source as it was before, or is active on the destination");
                break;
            case MigrationOutcome.StayedChanged:
                Check(Invariant.StayedIsProven, !_wasOut, "StayedChanged, though the call is still out");
                Check(Invariant.StayedIsProven, WasSo(m => m.Source.Exists && !m.Destination.IsActive), "StayedChanged, though the VM is not on the source alone");
                break;
            case MigrationOutcome.PostCopyPaused:
                Check(Invariant.OutcomeIsOfItsOwn, WasSo(IsPostCopyBroken), "PostCopyPaused, though no half was so");
                break;
            case MigrationOutcome.GuestShutDown:
                Check(Invariant.OutcomeIsOfItsOwn, world.Truth.Fate == GuestFate.ShutDown, $"GuestShutDown, though {Fate}");
                break;
            case MigrationOutcome.GuestDestroyed:
                Check(Invariant.OutcomeIsOfItsOwn, world.Truth.Fate == GuestFate.Destroyed, $"GuestDestroyed, though {Fate}");
                break;
            case MigrationOutcome.GuestCrashed:
                Check(Invariant.OutcomeIsOfItsOwn, world.Truth.Fate is GuestFate.Crashed or GuestFate.HostLost, $"GuestCrashed, though {Fate}");
                break;
            case MigrationOutcome.Unknown:
                Check(Invariant.OutcomeIsOfItsOwn, result.CanRetry != true, "Unknown, and said to be worth another try");
                CheckHalves(result.Verification);
                CheckDecisive(result);
                break;
        }

        CheckExact(result.Outcome);
        CheckDowntime(result);
        Check(Invariant.ResultIsKept, result.Verification is { SourceInstance: not null, DestinationInstance: not null }, "the result has no evidence of both hosts");
    }

    /// <summary>The engine ended without a result.</summary>
    public void AtFailure(Exception failure)
    {
        _verdictAt = world.Time.Now;
        Add(Invariant.ResultIsKept, $"no result, but {failure.GetType().Name}: {failure.Message}");
    }

    /// <summary>The engine's run is over: the call was made soon, or none was to be made.</summary>
    public void CheckBegin()
    {
        var begun = world.Calls is [{ Made: var made }, ..] ? made : stoppedAt ?? begunAt;
        Check(Invariant.Ends, world.Scenario.Role != MigrationRole.Move || begun - begunAt <= Preparation + Slack,
            $"{(begun - begunAt).TotalSeconds:0} s after it was asked for the migration had not begun");
    }

    public void NeverEnded() => Add(Invariant.Ends, "no verdict, whatever was waited for");

    /// <summary>The world is quiet.</summary>
    public void AtQuiet(MigrationReport? report, MemoryLimits before)
    {
        if (_outcome is MigrationOutcome.RolledBack or MigrationOutcome.StayedChanged)
        {
            foreach (var migration in world.Migrations)
            {
                Check(Invariant.StayedIsProven, !(migration.IsOurs && migration.Incoming.HasArrived && migration.Incoming.ArrivedAt > _verdictAt), $"{_outcome}, and the VM moved by the call later");
            }
        }

        if (report is not null && world.Source.Domain is { IsActive: true, Job: DomainJob.None } domain && !HasArrived())
        {
            Check(Invariant.ChangesArePutBack, report.Result.Warnings.Count > 0 || (domain.MaxDowntime == before.MaxDowntime && domain.Bandwidth == before.Bandwidth),
                $"the VM stayed with a downtime limit of {domain.MaxDowntime.TotalMilliseconds:0} ms and a bandwidth of {domain.Bandwidth}, which the result does not name");
        }

        Check(Invariant.ListenersGo, world.Listeners == 0, $"{world.Listeners} still listen to a host, though nobody is left to hear");
        if (world.Truth.IsStopUnheard)
        {
            Add(Invariant.Ends, "no abort was sent within a second of the stop, though nothing was in the way");
        }

        if (world.Truth.AbortDefect is { } defect)
        {
            Add(Invariant.AbortIsLookedFor, defect);
        }

        if (world.Truth.TwiceAt is { } twice)
        {
            Add(Invariant.RunsOnOneHost, $"the guest executed on two hosts at {twice.TotalSeconds:0.000} s");
        }

        if (world.Scenario.IsLive && world.Truth.Fate == GuestFate.Lives && !world.Source.IsActive && !world.Destination.IsActive && !world.Elsewhere.IsActive)
        {
            Add(Invariant.GuestIsKept, "the guest is active nowhere, and nobody ended it");
        }

        if (world.Time.ThreadDefect is { } thread)
        {
            Add(Invariant.StaysOnOneThread, thread);
        }
    }

    private string Fate => world.Truth.Fate == GuestFate.Lives ? "the guest lives" : $"the guest's end was {world.Truth.Fate}";

    private void CheckDeadline()
    {
        var from = world.Calls is [.., { ReturnedAt: { } returned }] ? returned : (TimeSpan?)null;

        // A migration that goes on without its client is followed until it ends, unless somebody stops it; and so is one that can't be told from it.
        foreach (var migration in world.Migrations)
        {
            if (from is not null && (migration.IsOurs || SimulatedTruth.IsInDoubt(migration, world.Calls[^1])) && (migration.IsUnderWay || from < migration.EndedAt))
            {
                from = migration.IsUnderWay ? null : migration.EndedAt;
            }
        }

        from = world.Scenario.Role == MigrationRole.Follow ? EndOfFollowed() : from;
        from = from is null || stoppedAt < from ? stoppedAt ?? from : from;
        from = from < begunAt ? begunAt : from;
        var isPostCopy = world.OurMigration is { Step: MigrationStep.PostCopy, PostCopy.IsBroken: false }
            || WasSo(m => m.Source is { State: VmState.Paused, Reason: Reasons.PausedPostCopy });
        if (from is not null && world is { Scenario.Role: MigrationRole.Move, OurMigration.PostCopy.StalledAt: { } stalledAt })
        {
            // What makes no progress is no excuse for long, unless the source, which tells of it, could not be seen.
            var unseen = IsHidden(atDestination: false) ? MigrationDeadlines.PostCopyStall : TimeSpan.Zero;
            Check(Invariant.Ends, world.Time.Now <= (from > stalledAt ? from : stalledAt) + Deadline + PostCopyPatience + unseen + Slack,
                $"the verdict came {(world.Time.Now - from.Value).TotalSeconds:0} s after the stop, and post-copy had moved nothing for {(world.Time.Now - stalledAt).TotalSeconds:0} s");
        }

        var isLonger = stoppedAt is null ? world.Scenario.Role switch
        {
            MigrationRole.Resume => world.Scenario.StallTimeout,

            // Where neither host can be seen, that nothing moves counts from the first answer.
            MigrationRole.Follow when IsHidden(atDestination: false) && IsHidden(atDestination: true) => MigrationDeadlines.Adrift,
            _ => TimeSpan.Zero,
        } : TimeSpan.Zero;
        if (from is { } begun && world.Time.Now > begun + Deadline + isLonger + Slack && !isPostCopy)
        {
            Add(Invariant.Ends, $"the verdict came {(world.Time.Now - begun).TotalSeconds:0} s after the stop or the call's end");
        }
    }

    private bool IsHidden(bool atDestination)
    {
        foreach (var fault in world.Scenario.Faults)
        {
            if (fault.AtDestination == atDestination && !Faults.LeavesItVisible(fault.Kind))
            {
                return true;
            }
        }

        return false;
    }

    // From then on nothing was to be waited for: the migration had ended, or its end was asked for.
    private TimeSpan? EndOfFollowed()
    {
        var isToEnd = world.Scenario.Steering is MigrationRequested.Abort or MigrationRequested.AbortPostCopy;
        return isToEnd ? begunAt
            : world.OurMigration is not { IsUnderWay: false } ended ? null
            : ended.EndedAt > begunAt ? ended.EndedAt : begunAt;
    }

    private void CheckDecisive(VmMigrationResult result)
    {
        // Who comes to another client's migration when the VM has arrived can't tell it from an older one. Who stops to follow, or has only asked
        // for something, is not there at the end.
        var scenario = world.Scenario;
        if (!knewBothHosts || CameLate || (scenario.Role != MigrationRole.Move &&
            (stoppedAt is not null || (scenario.Steering != MigrationRequested.None && IsUnderWayOrJustEnded()))))
        {
            return;
        }

        // A source that another client's migration has undefined says nothing, and its events were lost, are late, or were not listened to yet.
        if (scenario.Role == MigrationRole.Follow && !world.Truth.Moments[^1].Source.Exists && (scenario.SubscriptionTime is not null ||
            world.Faults.Struck.Any(f => f is FaultKind.EventsLost or FaultKind.EventsLate or FaultKind.EventsReordered)))
        {
            return;
        }

        // The source's libvirt never learns of the end, and says for ever that post-copy failed: it missed it, or its stream broke with the last page.
        if ((scenario.Oddity == LibvirtOddity.PostCopyEndIsMissed || world.Faults.Struck.Contains(FaultKind.StreamBreaks)) && world.Truth.Moments[^1] is { Source.Reason: Reasons.PausedPostCopyFailed, Destination.Reason: Reasons.RunningMigrated })
        {
            return;
        }

        // Its call can't end, or could not until a moment ago: whoever has stopped it waits for no stall that is longer than this.
        if (world.OurMigration is { PostCopy.StalledAt: not null } || (stoppedAt is not null && scenario.PostCopyStall > MigrationDeadlines.PostCopyStall))
        {
            return;
        }

        var isLeft = IsLeftBehind();
        foreach (var kind in world.Faults.Struck)
        {
            if (!Faults.LeavesItVisible(kind) && !(isLeft && Faults.EndsCall(kind)))
            {
                return;
            }
        }

        Add(Invariant.Decisive, $"Unknown, though both hosts could be seen and nobody interfered: {result.Verification.Message}");
    }

    private bool IsUnderWayOrJustEnded() =>
        world.OurMigration is { } migration && (migration.IsUnderWay || migration.EndedAt > _verdictAt - Slack);

    // Whether the VM has been on the source alone for a while, without a job, after a call that was all that drove its migration.
    private bool IsLeftBehind() =>
        world.Truth.Moments[^1] is { Source.IsActive: true, Destination.IsActive: false } moment && _verdictAt - moment.From > Rest &&
        world.Source.Domain is { Job: DomainJob.None } && !_wasOut && world.OurMigration is { OutlivesCall: false };

    // A half that stands still says what became of the guest, also where the host of the other one can't be seen.
    private void CheckHalves(VmMigrationVerification verification)
    {
        var (here, there) = (verification.SourceInstance, verification.DestinationInstance);
        var isOneSeen = here.IsKnown != there.IsKnown && (here.IsKnown ? here : there).Status is { IsPostCopyFailed: true };
        var moment = world.Truth.Moments[^1];
        Check(Invariant.OutcomeIsOfItsOwn, !isOneSeen || !IsPostCopyBroken(moment) || !moment.Source.IsActive || !moment.Destination.IsActive,
            $"Unknown, though both halves of a post-copy are there and one was seen: {verification.Message}");
    }

    // In post-copy the guest goes on long before the migration ends. Events that nothing holds up are late by moments.
    private void CheckDowntime(VmMigrationResult result)
    {
        var isHeard = world.Faults.Struck.All(k => Faults.LeavesItVisible(k) &&
            k is not (FaultKind.EventsLost or FaultKind.EventsLate or FaultKind.EventsReordered));
        if (isHeard && result.Downtime is { } told && world.OurMigration is { PostCopy.HasBegun: true } && world.Truth.Downtime is { } real)
        {
            Check(Invariant.DowntimeIsTrue, (told - real).Duration() <= DowntimeError,
                $"a downtime of {told.TotalMilliseconds:0} ms is told, though the guest stood still for {real.TotalMilliseconds:0} ms");
        }
    }

    // Where everything can be seen, an outcome that commits itself to less than what is there is none.
    private void CheckExact(MigrationOutcome outcome)
    {
        var isVisible = true;
        var isOfGuest = true;
        foreach (var kind in world.Faults.Struck)
        {
            isVisible &= Faults.LeavesItVisible(kind);
            isOfGuest &= Faults.LeavesItVisible(kind) || Faults.EndsGuest(kind);
        }

        var moment = world.Truth.Moments[^1];
        if (isVisible)
        {
            Check(Invariant.Decisive, outcome != MigrationOutcome.StayedChanged || !IsAsBefore(moment), "StayedChanged, though the VM is on the source as it was before");

            // Of another client's migration nobody here knows in what state the guest was to arrive.
            Check(Invariant.Decisive, outcome != MigrationOutcome.ArrivedChanged || world.Scenario.Role == MigrationRole.Follow || !IsCompleted(moment), "ArrivedChanged, though the VM is on the destination in the state asked for");
        }

        // Once the guest has arrived, and in post-copy, the source's half is not the guest any more.
        var hasEnded = world.Scenario.IsLive && !moment.Source.IsActive && !moment.Destination.IsActive
            && ((IsGuestEnd(moment.Source) && !HasArrived() && world.OurMigration is not { PostCopy.HasBegun: true }) || (IsGuestEnd(moment.Destination) && moment.Source.Reason == Reasons.ShutOffMigrated));
        Check(Invariant.OutcomeIsOfItsOwn, outcome != MigrationOutcome.Unknown || !isOfGuest || !hasEnded || _wasOut || CameLate || !knewBothHosts, $"Unknown, though the guest's end can be seen: {world.Truth.Fate}");
    }

    private bool CameLate =>
        world is { Scenario.Role: MigrationRole.Follow, OurMigration.Incoming: { HasArrived: true } half } && half.ArrivedAt <= begunAt + Slack;

    private static bool IsGuestEnd(Half half) =>
        half is { Exists: true, State: VmState.ShutOff, Reason: Reasons.ShutOffShutdown or Reasons.ShutOffDestroyed or Reasons.ShutOffCrashed };

    private bool IsOut()
    {
        foreach (var call in world.Calls)
        {
            if (call.IsOut)
            {
                return true;
            }
        }

        return false;
    }

    private bool HasArrived()
    {
        foreach (var migration in world.Migrations)
        {
            if (migration.Incoming.HasArrived && migration.Destination == world.Destination)
            {
                return true;
            }
        }

        return false;
    }

    private bool WasSent(string definition)
    {
        foreach (var migration in world.Migrations)
        {
            if (migration.Incoming.HasArrived && migration.Destination == world.Destination && string.Equals(migration.SentDefinition, definition, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private bool WasSo(Func<Moment, bool> what) =>
        world.Truth.WasSo(_verdictAt > LookAge ? _verdictAt - LookAge : TimeSpan.Zero, _verdictAt, what);

    private bool IsCompleted(Moment moment)
    {
        var (there, here) = (moment.Destination, moment.Source);
        if (!world.Scenario.IsLive)
        {
            // What another client defines there afterwards is its own affair.
            return there.Persistent is not null && (WasSent(there.Persistent) || world.Faults.Struck.Contains(FaultKind.OtherDefines));
        }

        // Who comes to another client's migration knows of no other state than the one that it finds.
        var isPaused = world.Scenario.Role == MigrationRole.Follow
            ? there.State == VmState.Paused
            : world.Scenario.IsPausedBefore || world.Scenario.Options.Has(MigrationOptions.Suspend);
        return there.IsActive && !here.IsActive && there.State == (isPaused ? VmState.Paused : VmState.Running) && there.IsExecuting != isPaused;
    }

    private bool IsAsBefore(Moment moment)
    {
        // Of a VM that runs nobody reads but the definition that it runs by, and whether another is kept.
        // Who comes to another client's migration knows the VM as it is then.
        var here = moment.Source;
        var found = world.Scenario.Role == MigrationRole.Follow ? world.Truth.At(begunAt).Source : world.Truth.Before;
        var before = found is { State: VmState.Paused, Reason: Reasons.PausedUser } ? found : world.Truth.Before;
        return !moment.Destination.IsActive && here.Exists && here.State == before.State && here.IsExecuting == before.IsExecuting
            && (here.Persistent is null) == (before.Persistent is null)
            && string.Equals(here.Live ?? here.Persistent, before.Live ?? before.Persistent, StringComparison.Ordinal);
    }

    private static bool IsPostCopyBroken(Moment moment) =>
        moment.Source is { State: VmState.Paused, Reason: Reasons.PausedPostCopyFailed } || moment.Destination is { State: VmState.Running, Reason: Reasons.RunningPostCopyFailed };

    private void Check(Invariant invariant, bool holds, string sentence)
    {
        if (!holds)
        {
            Add(invariant, sentence);
        }
    }

    private void Add(Invariant invariant, string sentence) => _violations.Add(new(invariant, sentence));
}

/// <summary>What a migration may change at the source's domain.</summary>
internal readonly record struct MemoryLimits(TimeSpan MaxDowntime, long Bandwidth);
