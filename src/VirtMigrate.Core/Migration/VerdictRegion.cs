namespace VirtMigrate.Migration;

/// <summary>
/// Looks at both hosts, after the call's end, until they have come to rest, and judges what has become of the VM. Nothing is inferred from the call
/// alone.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class VerdictRegion(MigrationMachine machine)
{
    private readonly HashSet<Awaited> _looking = [];
    private readonly DoublingPause _pause = new(MigrationDeadlines.FirstLook, MigrationDeadlines.LongestLook);
    private (MigrationEnd End, Sight Former)? _repeated;
    private VmMigrationVerification? _verification;
    private bool _wasJobOver;
    private bool _isHeld;
    private VmMigrationVerification? _undecided;
    private bool _isLast;

    /// <summary>
    /// Whether the end of the job is waited for: libvirt sets the job's parameters back when it ends, a moment after the call has, so that what is
    /// put back before is lost.
    /// </summary>
    public bool IsJobAwaited => machine.DowntimeLimit.HasChanged && !machine.Evidence.IsJobOver;

    // What a migration that has ended left so may stay so; a job would carry it on.
    private bool IsLeftPaused => _verification is { SourceInstance.Status.IsPausedByMigration: true, DestinationInstance: { IsKnown: true, IsActive: false } };

    /// <summary>Concludes from what was seen on the way, before the end.</summary>
    /// <param name="source">What the source said.</param>
    /// <param name="destination">What the destination said.</param>
    /// <returns>What follows.</returns>
    public VmMigrationVerification Weigh(VmInstance source, VmInstance destination) =>
        MigrationVerdict.Of(machine.Evidence.Gather(source, destination, _wasJobOver));

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
        if (machine.Stage != MigrationStage.Verifying)
        {
            return;
        }

        switch (happened)
        {
            case MigrationEvent.InstanceSeen { End: var end }:
                TakeLook(new(AwaitedKind.Instance, end));
                break;
            case MigrationEvent.JobSeen or MigrationEvent.JobUnseen:
                TakeLook(new(AwaitedKind.Job));
                break;
            case MigrationEvent.CompletedSeen { End: var end }:
                TakeLook(new(AwaitedKind.Statistics, end));
                break;
            case MigrationEvent.DefinitionSeen { End: var end }:
                TakeLook(new(AwaitedKind.Definition, end));
                break;
            case MigrationEvent.CallReturned or MigrationEvent.CallFailed:
                machine.Emit(new MigrationCommand.Arm(MigrationTimer.Look, _pause.Restart()));
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Look }:
                Look();
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Settle }:
                // A look that is under way is waited for; it has a deadline of its own.
                _isLast = true;
                Judge();
                break;
        }
    }

    private void Look()
    {
        if (_looking.Count > 0)
        {
            return;
        }

        _wasJobOver = machine.Evidence.IsJobOver;
        if (IsJobAwaited || IsLeftPaused)
        {
            _looking.Add(new(AwaitedKind.Job));
            machine.Emit(new MigrationCommand.ReadJob());
        }

        foreach (var end in (MigrationEnd[])[MigrationEnd.Source, MigrationEnd.Destination])
        {
            LookAt(end);
            if (machine.Plan.IsLive && machine.Call is { WasMade: true, State: not (CallState.Succeeded or CallState.NotMade) })
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
        if (!machine.Plan.IsLive)
        {
            _looking.Add(new(AwaitedKind.Definition, end));
            machine.Emit(new MigrationCommand.ReadDefinition(end));
        }
    }

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
            !(IsJobAwaited && _verification.SourceInstance.IsActive) && !IsUndecidedAtFirst(_verification);
        if (isSettled || _isLast)
        {
            machine.Closing.Begin(_verification);
            return;
        }

        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Look, _pause.Next()));
    }

    // An event may come later than the answer of the host that tells it, so what can't be told is looked at twice before it is said.
    private bool IsUndecidedAtFirst(VmMigrationVerification verification)
    {
        var former = _undecided;
        _undecided = verification.Outcome == MigrationOutcome.Unknown ? verification : null;
        return _undecided is { } now && (former is null ||
            former.SourceInstance.Status != now.SourceInstance.Status || former.DestinationInstance.Status != now.DestinationInstance.Status);
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

    private Sight SightOf(MigrationEnd end) => machine.Evidence.SightOf(end);

    private static MigrationEnd Other(MigrationEnd end) => end == MigrationEnd.Source ? MigrationEnd.Destination : MigrationEnd.Source;
}
