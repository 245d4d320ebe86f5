using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Gathers the evidence of a migration, from before it to after it, looks at both hosts until they have come to rest, and concludes.
/// Nothing is inferred from the call alone.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class VerdictRegion(MigrationMachine machine)
{
    private readonly HashSet<Awaited> _preparing = [];
    private readonly HashSet<Awaited> _looking = [];
    private readonly HashSet<Awaited> _closing = [];
    private readonly Dictionary<MigrationEnd, Sight> _sights = [];
    private readonly DoublingPause _pause = new(MigrationDeadlines.FirstLook, MigrationDeadlines.LongestLook);
    private (MigrationEnd End, Sight Former)? _repeated;
    private readonly Dictionary<MigrationEnd, JobStatistics?> _completedBefore = [];
    private readonly Dictionary<MigrationEnd, JobStatistics?> _completed = [];
    private readonly Dictionary<MigrationEnd, string?> _definitionBefore = [];
    private readonly List<HeardTrouble> _heard = [];
    private bool _isJobOver;
    private bool _wasJobOver;
    private bool _isHeld;
    private bool _wasUndecided;
    private bool _toldOfPostCopy;
    private bool _isLast;
    private bool _sourceSaidMoved;
    private bool _destinationSaidMoved;
    private bool _hasDestinationStarted;
    private bool _hasDestinationStopped;
    private TimeSpan? _leftAt;
    private TimeSpan? _resumedAt;
    private InstanceState? _sourceEnd;
    private InstanceState? _destinationEnd;
    private VmMigrationVerification? _verification;
    private string? _autostartRefusal;

    /// <summary>Whether nothing has to be known any more before the call.</summary>
    public bool IsPrepared => _preparing.Count == 0;

    /// <summary>Whether the guest was seen to execute on the destination.</summary>
    public bool IsOnDestination => _sights.GetValueOrDefault(MigrationEnd.Destination) is { Instance.IsExecuting: true };

    private bool IsLive => machine.Plan.IsLive;

    private static ReadOnlySpan<MigrationEnd> Ends => [MigrationEnd.Source, MigrationEnd.Destination];

    /// <summary>Listens, and notes what both hosts say before: what is the same afterwards is no news.</summary>
    public void Prepare()
    {
        foreach (var end in Ends)
        {
            _preparing.Add(new(AwaitedKind.Listening, end));
            machine.Emit(new MigrationCommand.Listen(end));
            _preparing.Add(new(IsLive ? AwaitedKind.Statistics : AwaitedKind.Definition, end));
            machine.Emit(IsLive ? new MigrationCommand.ReadCompleted(end) : new MigrationCommand.ReadDefinition(end));
        }
    }

    /// <summary>Concludes from what was seen on the way, before the end.</summary>
    /// <param name="source">What the source said.</param>
    /// <param name="destination">What the destination said.</param>
    /// <returns>What follows.</returns>
    public VmMigrationVerification Weigh(VmInstance source, VmInstance destination) => MigrationVerdict.Of(Gather(source, destination));

    /// <summary>Asks both hosts what has become of the VM.</summary>
    /// <param name="isLast">Whether the next look is the last, also where it shows a VM that is on its way.</param>
    public void Begin(bool isLast = false)
    {
        machine.Stage = MigrationStage.Verifying;
        _isLast = isLast;
        machine.Record.Enter(MigrationPhase.Verifying);
        foreach (var timer in (MigrationTimer[])[MigrationTimer.Poll, MigrationTimer.Timeout, MigrationTimer.Stop, MigrationTimer.Reopen])
        {
            machine.Emit(new MigrationCommand.Disarm(timer));
        }

        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Settle, MigrationDeadlines.Settle));
        Look();
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.Listening { End: var end }:
                _preparing.Remove(new(AwaitedKind.Listening, end));
                break;
            case MigrationEvent.Heard { End: var end, Happened: var told }:
                TakeHeard(end, told);
                break;
            case MigrationEvent.InstanceSeen { End: var end, Instance: var instance } when machine.Stage == MigrationStage.Verifying:
                _sights[end] = SightOf(end) with { Instance = instance, At = machine.Now };
                TakeLook(new(AwaitedKind.Instance, end));
                break;
            case MigrationEvent.JobSeen { Reading: var reading } when machine.Stage == MigrationStage.Verifying:
                _isJobOver = reading is not { Statistics: { IsCompleted: false, IsFailed: false } } and not { IsHidden: true };
                TakeLook(new(AwaitedKind.Job));
                break;
            case MigrationEvent.JobUnseen when machine.Stage == MigrationStage.Verifying:
                TakeLook(new(AwaitedKind.Job));
                break;
            case MigrationEvent.CompletedSeen { End: var end, Statistics: var statistics }:
                TakeCompleted(end, statistics);
                break;
            case MigrationEvent.DefinitionSeen { End: var end, Definition: var definition, IsKnown: var isKnown }:
                TakeDefinition(end, definition, isKnown);
                break;
            case MigrationEvent.CallReturned or MigrationEvent.CallFailed when machine.Stage == MigrationStage.Verifying:
                machine.Emit(new MigrationCommand.Arm(MigrationTimer.Look, _pause.Restart()));
                break;
            case MigrationEvent.Elapsed { Timer: var timer }:
                TakeTimer(timer);
                break;
            case MigrationEvent.Done { Request: var request }:
                TakeRequest(request);
                break;
            case MigrationEvent.Refused { Request: var request, Failure: var failure }:
                _autostartRefusal = request == MigrationRequested.SetAutostart ? failure.Message : _autostartRefusal;
                TakeRequest(request);
                break;
        }
    }

    /// <summary>Concludes when nothing is waited for any more, after an event was taken in by all parts.</summary>
    public void Settle()
    {
        if (!machine.Convergence.IsAsking)
        {
            TakeClosed(new(AwaitedKind.Limit));
        }
    }

    private void TakeRequest(MigrationRequested request)
    {
        if (request == MigrationRequested.SetAutostart)
        {
            TakeClosed(new(AwaitedKind.Autostart));
        }
    }

    private void TakeTimer(MigrationTimer timer)
    {
        switch (timer)
        {
            case MigrationTimer.Look when machine.Stage == MigrationStage.Verifying:
                Look();
                break;
            case MigrationTimer.Settle when machine.Stage == MigrationStage.Verifying:
                // A look that is under way is waited for; it has a deadline of its own.
                _isLast = true;
                Judge();
                break;
            case MigrationTimer.LateEvent:
                TakeClosed(new(AwaitedKind.LateEvent));
                break;
            case MigrationTimer.Closing when machine.Stage == MigrationStage.Closing:
                _closing.Clear();
                Conclude();
                break;
        }
    }

    private void TakeHeard(MigrationEnd end, DomainEvent told)
    {
        if (!machine.Call.WasMade)
        {
            return;
        }

        if (told is JobCompletedEvent { Statistics: { Success: true, IsMigration: true } statistics })
        {
            _sourceSaidMoved |= end == MigrationEnd.Source && statistics.Operation == JobOperation.MigrationOut;
            _destinationSaidMoved |= end == MigrationEnd.Destination && statistics.Operation == JobOperation.MigrationIn;
        }

        if (told is not LifecycleEvent happened)
        {
            return;
        }

        if (Describe(happened) is { } text)
        {
            _heard.Add(new(end, text, machine.Now));
        }

        if (end == MigrationEnd.Source)
        {
            _sourceSaidMoved |= (happened.Kind, happened.Detail) is (LifecycleEvent.Stopped, LifecycleEvent.StoppedMigrated);
            _leftAt = (happened.Kind, happened.Detail) is (LifecycleEvent.Suspended, LifecycleEvent.SuspendedMigrated or LifecycleEvent.SuspendedPostCopy)
                ? _leftAt ?? machine.Now
                : _leftAt;
            _sourceEnd = MigrationEvidence.EndOf(happened) ?? _sourceEnd;
            return;
        }

        _destinationSaidMoved |= (happened.Kind, happened.Detail) is (LifecycleEvent.Resumed, LifecycleEvent.ResumedMigrated);
        _resumedAt = (happened.Kind, happened.Detail) is (LifecycleEvent.Resumed, LifecycleEvent.ResumedMigrated or LifecycleEvent.ResumedPostCopy)
            ? _resumedAt ?? machine.Now
            : _resumedAt;
        _destinationEnd = MigrationEvidence.EndOf(happened) ?? _destinationEnd;
        _toldOfPostCopy |= (happened.Kind, happened.Detail) is (LifecycleEvent.Resumed, LifecycleEvent.ResumedPostCopy or LifecycleEvent.ResumedPostCopyFailed);
        _hasDestinationStarted |= happened.Kind == LifecycleEvent.Started;
        if (happened.Kind == LifecycleEvent.Stopped)
        {
            _hasDestinationStopped = true;
            TakeClosed(new(AwaitedKind.LateEvent));
        }
    }

    // Those that no healthy migration brings. Stopped with "failed" is how a daemon gives up its half, with "crashed" how a QEMU goes that
    // nobody told to.
    private static string? Describe(LifecycleEvent happened) => (happened.Kind, happened.Detail) switch
    {
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedCrashed) => "libvirt's event: stopped (crashed)",
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedFailed) => "libvirt's event: stopped (failed)",
        (LifecycleEvent.Suspended, LifecycleEvent.SuspendedIoError) => "libvirt's event: suspended (I/O error)",
        (LifecycleEvent.Suspended, LifecycleEvent.SuspendedPostCopyFailed) => "libvirt's event: suspended (post-copy failed)",
        (LifecycleEvent.Resumed, LifecycleEvent.ResumedPostCopyFailed) => "libvirt's event: resumed (post-copy failed)",
        (LifecycleEvent.Crashed, _) => "libvirt's event: crashed",
        _ => null,
    };

    private void TakeCompleted(MigrationEnd end, JobStatistics? statistics)
    {
        if (_preparing.Remove(new(AwaitedKind.Statistics, end)))
        {
            _completedBefore[end] = statistics;
            return;
        }

        // Statistics that were there before are of a former job.
        _completed[end] = statistics is not null && statistics == _completedBefore.GetValueOrDefault(end) ? null : statistics;
        if (_completed[end] is { IsMigration: true, Success: not false })
        {
            _sourceSaidMoved |= end == MigrationEnd.Source && _completed[end] is { Operation: JobOperation.MigrationOut, Success: true };
            _destinationSaidMoved |= end == MigrationEnd.Destination && _completed[end] is { Operation: JobOperation.MigrationIn };
        }

        TakeLook(new(AwaitedKind.Statistics, end));
        TakeClosed(new(AwaitedKind.Statistics, end));
    }

    private void TakeDefinition(MigrationEnd end, string? definition, bool isKnown)
    {
        if (_preparing.Remove(new(AwaitedKind.Definition, end)))
        {
            if (isKnown)
            {
                _definitionBefore[end] = definition;
            }

            return;
        }

        _sights[end] = SightOf(end) with { Definition = definition, IsDefinitionKnown = isKnown };
        TakeLook(new(AwaitedKind.Definition, end));
    }

    private Sight SightOf(MigrationEnd end) => _sights.GetValueOrDefault(end) ?? new();

    private void Look()
    {
        if (_looking.Count > 0)
        {
            return;
        }

        _wasJobOver = _isJobOver;
        if (IsJobAwaited || IsLeftPaused)
        {
            _looking.Add(new(AwaitedKind.Job));
            machine.Emit(new MigrationCommand.ReadJob());
        }

        foreach (var end in Ends)
        {
            LookAt(end);
            if (IsLive && machine.Call is { WasMade: true, State: not (CallState.Succeeded or CallState.NotMade) })
            {
                _looking.Add(new(AwaitedKind.Statistics, end));
                machine.Emit(new MigrationCommand.ReadCompleted(end));
            }
        }
    }

    private void LookAt(MigrationEnd end)
    {
        _looking.Add(new(AwaitedKind.Instance, end));
        machine.Emit(new MigrationCommand.LookAt(end));
        if (!IsLive)
        {
            _looking.Add(new(AwaitedKind.Definition, end));
            machine.Emit(new MigrationCommand.ReadDefinition(end));
        }
    }

    // What a migration that has ended left so may stay so; a job would carry it on.
    private bool IsLeftPaused => _verification is { SourceInstance.Status.IsPausedByMigration: true, DestinationInstance: { IsKnown: true, IsActive: false } };

    // Libvirt sets the job's parameters back when it ends, a moment after the call has: what is put back before is lost.
    private bool IsJobAwaited => machine.Convergence.HasChangedMaxDowntime && !_isJobOver;

    private void TakeLook(Awaited what)
    {
        if (_looking.Remove(what) && _looking.Count == 0)
        {
            Judge();
        }
    }

    private void Judge()
    {
        if (_looking.Count > 0 || machine.Stage != MigrationStage.Verifying)
        {
            return;
        }

        if (!_isLast && Repeat())
        {
            return;
        }

        _isHeld = _repeated is { } repeated && SightOf(repeated.End).IsAs(repeated.Former);
        _repeated = null;
        _verification = Weigh(Seen(MigrationEnd.Source), Seen(MigrationEnd.Destination));
        var isSettled = !_verification.IsInProgress && _verification.SourceInstance.IsKnown && _verification.DestinationInstance.IsKnown &&
            !(IsJobAwaited && _verification.SourceInstance.IsActive) && !IsUndecidedAtFirst(_verification.Outcome);
        if (isSettled || _isLast)
        {
            Close(_verification);
            return;
        }

        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Look, _pause.Next()));
    }

    // An event may come later than the answer of the host that tells it.
    private bool IsUndecidedAtFirst(MigrationOutcome outcome)
    {
        var isFirst = outcome == MigrationOutcome.Unknown && !_wasUndecided;
        _wasUndecided = outcome == MigrationOutcome.Unknown;
        return isFirst;
    }

    // The two hosts can't be looked at in one moment: something may happen at one of them until the other answers. The look that was answered
    // first is repeated; where it finds the same, that was so also when the other host answered.
    private bool Repeat()
    {
        var (here, there) = (SightOf(MigrationEnd.Source), SightOf(MigrationEnd.Destination));
        var (first, earlier) = here.At < there.At ? (MigrationEnd.Source, here) : (MigrationEnd.Destination, there);
        var isOfOneTime = (here.At - there.At).Duration() <= MigrationDeadlines.OneTime && machine.Now - earlier.At <= MigrationDeadlines.YoungLook;
        if (isOfOneTime || here.Instance is { IsKnown: false } || there.Instance is { IsKnown: false } || (_repeated is { } repeated && SightOf(repeated.End).IsAs(repeated.Former)))
        {
            return false;
        }

        _repeated = (first, earlier);
        LookAt(first);
        return true;
    }

    // What was seen too long before the other host answered, and could not be seen again, is not known.
    private VmInstance Seen(MigrationEnd end)
    {
        var (instance, age) = (SightOf(end).Instance!, machine.Now - SightOf(end).At);
        return instance.IsKnown && SightOf(Other(end)).Instance!.IsKnown && age > (_isHeld ? MigrationDeadlines.Look : MigrationDeadlines.LastLook)
            ? new() { VmHost = instance.VmHost, Error = $"{instance} {age.TotalSeconds:0} s ago, and not seen since" }
            : instance;
    }

    private static MigrationEnd Other(MigrationEnd end) => end == MigrationEnd.Source ? MigrationEnd.Destination : MigrationEnd.Source;

    private MigrationEvidence Gather(VmInstance source, VmInstance destination) => new()
    {
        Vm = machine.Plan.Vm.Name,
        Uuid = machine.Plan.Vm.Uuid,
        Source = source,
        Destination = destination,
        Call = machine.Call.State,
        Before = machine.Plan.IsBeforeKnown ? machine.Plan.Vm.Status : null,
        WasPersistent = machine.Plan.Vm.IsPersistent,
        LeftoverBefore = machine.Plan.Leftover?.Status,
        ArrivesPaused = machine.Plan.Options.Has(MigrationOptions.Suspend),
        SourceSaidMoved = _sourceSaidMoved,
        DestinationSaidMoved = _destinationSaidMoved,
        DefinitionArrived = HasDefinitionArrived(),
        IsRedefined = SightOf(MigrationEnd.Source).Definition is { } kept &&
            _definitionBefore.GetValueOrDefault(MigrationEnd.Source) is { } sent && !string.Equals(kept, sent, StringComparison.Ordinal),
        IsJobOver = _wasJobOver,
        WasInPostCopy = machine.PostCopy.WasActive || _toldOfPostCopy,
        RanInPostCopy = _toldOfPostCopy,
        SourceEnd = _sourceEnd,
        DestinationEnd = _destinationEnd,
    };

    // The definition that the source sent, where there was another or none before; or where the source has given its own away.
    private bool HasDefinitionArrived() => machine.Call.WasMade &&
        _definitionBefore.GetValueOrDefault(MigrationEnd.Source) is { } sent &&
        _definitionBefore.ContainsKey(MigrationEnd.Destination) &&
        string.Equals(SightOf(MigrationEnd.Destination).Definition, sent, StringComparison.Ordinal) &&
        (!string.Equals(_definitionBefore[MigrationEnd.Destination], sent, StringComparison.Ordinal) ||
            SightOf(MigrationEnd.Source) is { IsDefinitionKnown: true, Definition: null });

    private void Close(VmMigrationVerification verification)
    {
        machine.Stage = MigrationStage.Closing;
        machine.Emit(new MigrationCommand.Disarm(MigrationTimer.Look));
        machine.Emit(new MigrationCommand.Disarm(MigrationTimer.Settle));
        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Closing, MigrationDeadlines.Closing));

        // The destination of a completed migration is told the source's figures; the source of a failed one keeps them.
        var end = verification.HasArrived ? MigrationEnd.Destination : MigrationEnd.Source;
        if (IsLive && !_completed.ContainsKey(end) && machine.Call.WasMade)
        {
            _closing.Add(new(AwaitedKind.Statistics, end));
            machine.Emit(new MigrationCommand.ReadCompleted(end));
        }

        if (MayHaveStayed(verification))
        {
            machine.Convergence.Restore(!verification.MayTakeEffect && !IsJobAwaited);
        }

        if (machine.Convergence.IsAsking)
        {
            _closing.Add(new(AwaitedKind.Limit));
        }

        if (verification.HasArrived && machine.Plan is { Role: not MigrationRole.Follow, Vm.Autostart: true } && verification.DestinationInstance is { IsPersistent: true, Autostart: false })
        {
            _closing.Add(new(AwaitedKind.Autostart));
            machine.Emit(new MigrationCommand.Request(MigrationRequested.SetAutostart));
        }

        // It forgets the VM first, and what it tells may arrive later than its answer that the VM is not there.
        if (verification.Outcome == MigrationOutcome.RolledBack && _hasDestinationStarted && !_hasDestinationStopped)
        {
            _closing.Add(new(AwaitedKind.LateEvent));
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.LateEvent, MigrationDeadlines.LateEvent));
        }

        Conclude();
    }

    private void TakeClosed(Awaited what)
    {
        if (machine.Stage != MigrationStage.Closing)
        {
            return;
        }

        _closing.Remove(what);
        Conclude();
    }

    private void Conclude()
    {
        if (_closing.Count > 0 || machine.Stage != MigrationStage.Closing || _verification is not { } verification)
        {
            return;
        }

        var plan = machine.Plan;
        var hasArrived = verification.HasArrived;
        if (hasArrived && plan.Vm.Autostart && _autostartRefusal is null && verification.DestinationInstance is { IsPersistent: true } instance)
        {
            verification = verification with { DestinationInstance = instance with { Autostart = true } };
        }

        var operation = hasArrived ? JobOperation.MigrationIn : JobOperation.MigrationOut;
        var statistics = _completed.GetValueOrDefault(hasArrived ? MigrationEnd.Destination : MigrationEnd.Source);
        statistics = statistics?.Operation == operation ? statistics : machine.Convergence.Last;
        if (statistics is not null)
        {
            machine.Record.Add(MigrationSample.Of(statistics, machine.Now, ProgressTracker.Rate(statistics)));
        }

        machine.Record.Enter(MigrationPhase.Ended, verification.IsVerified);
        machine.Stage = MigrationStage.Guarding;
        machine.Emit(new MigrationCommand.Conclude(new()
        {
            Verification = verification,
            Failure = machine.Call.Failure,
            Stopping = machine.Call.Stopping,
            IsStopRequested = machine.Call.IsStopRequested,
            GivenUp = machine.Convergence.GivenUp,
            Statistics = statistics,
            Downtime = hasArrived && plan.IsLive ? Downtime(statistics) : null,
            SwitchoverDowntime = hasArrived && plan.IsLive ? SwitchoverDowntime(statistics) : null,
            Warnings = [.. AfterMove.Warn(verification, plan.Vm.Autostart, plan.Options, _autostartRefusal), .. WarnOfStay(verification)],
            Heard = _heard,
            Duration = machine.Now,
        }));
        machine.Call.Guard();
    }

    private IEnumerable<string> WarnOfStay(VmMigrationVerification verification)
    {
        if (machine.Convergence.LeftMaxDowntime is { } limit && MayHaveStayed(verification))
        {
            yield return $"The downtime limit of '{verification.Vm}' on '{verification.Source.Name}' may not have been put back: it was set to " +
                $"{limit.TotalMilliseconds:0} ms for this migration. The next one uses it, unless it sets its own. To see it: " +
                $"virsh -c {verification.Source.Uri} migrate-getmaxdowntime --domain {verification.Uuid}";
        }

        if (machine.Convergence.SuspendedAt is not null && verification.SourceInstance.Status is { State: VmState.Paused } status)
        {
            yield return $"'{verification.Vm}' was suspended for the migration and is {status} on '{verification.Source.Name}'. " +
                $"To let it go on: virsh -c {verification.Source.Uri} resume --domain {verification.Uuid}";
        }
    }

    // In post-copy libvirt counts to the end of the migration, though the guest goes on long before: both hosts' events tell better.
    private TimeSpan? Downtime(JobStatistics? statistics) => machine.Plan.Role == MigrationRole.Resume ? null
        : !machine.PostCopy.WasActive ? statistics?.Downtime
        : _resumedAt - _leftAt is { Ticks: >= 0 } downtime ? downtime
        : null;

    // A guest that was suspended on the way stands still from then on. The switch-over begins with the last pass.
    private TimeSpan? SwitchoverDowntime(JobStatistics? statistics) =>
        (Downtime(statistics), machine.Convergence.SuspendedAt, machine.Convergence.LastPass) switch
        {
            ({ } total, { } suspended, { } last) when last > suspended => total > last - suspended ? total - (last - suspended) : TimeSpan.Zero,
            (_, { }, _) => null,
            var (total, _, _) => total,
        };

    private static bool MayHaveStayed(VmMigrationVerification verification) =>
        verification.SourceInstance.IsActive || !verification.SourceInstance.IsKnown;

    private enum AwaitedKind
    {
        Listening,
        Instance,
        Definition,
        Statistics,
        Job,
        Limit,
        Autostart,
        LateEvent,
    }

    // What has not been answered or told yet, and by which host.
    private readonly record struct Awaited(AwaitedKind Kind, MigrationEnd End = MigrationEnd.Source);

    // What a look at one host found, and when it was answered. Offline, the definition as well.
    private sealed record Sight
    {
        public VmInstance? Instance { get; init; }

        public TimeSpan At { get; init; }

        public string? Definition { get; init; }

        public bool IsDefinitionKnown { get; init; }

        public bool IsAs(Sight other) => (Instance?.IsKnown, Instance?.Status, Instance?.IsPersistent, IsDefinitionKnown) ==
            (other.Instance?.IsKnown, other.Instance?.Status, other.Instance?.IsPersistent, other.IsDefinitionKnown) &&
            string.Equals(Definition, other.Definition, StringComparison.Ordinal);
    }
}
