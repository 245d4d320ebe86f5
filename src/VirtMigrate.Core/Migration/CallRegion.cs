using VirtMigrate.Hosts;

namespace VirtMigrate.Migration;

/// <summary>Why a migration is to end before its end.</summary>
internal enum StopReason
{
    /// <summary>It is not to end.</summary>
    None,

    /// <summary>Somebody asked for it.</summary>
    Requested,

    /// <summary>Its time is up.</summary>
    TimedOut,

    /// <summary>Its policy gives it up.</summary>
    GivenUp,

    /// <summary>The destination that it needs is lost.</summary>
    DestinationLost,

    /// <summary>The source has done with it, and libvirt waits for the destination.</summary>
    Overdue,
}

/// <summary>
/// The call that moves the VM: made, ended when asked, or lost with its connection, and waited for where it outlives the result. Its job is the part
/// of <see cref="OwnJobRegion"/>.
/// </summary>
internal sealed class CallRegion : ControlRegion
{
    private readonly MigrationMachine _machine;
    private readonly bool _outlivesClient;
    private readonly OwnJobRegion _job;
    private TimeSpan? _closedSince;

    /// <summary>Makes the region of a call that is not made yet.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="outlivesClient">Whether the migration goes on where this side loses its call.</param>
    public CallRegion(MigrationMachine machine, bool outlivesClient)
    {
        (_machine, _outlivesClient) = (machine, outlivesClient);
        _job = new(machine, this);
    }

    /// <summary>Whether the call may still take effect.</summary>
    public bool IsOpen => State is CallState.Out or CallState.Adrift;

    /// <summary>When it was asked to end; nothing where it was not.</summary>
    public TimeSpan StoppedAt { get; private set; }

    private bool NeedsDestination => !_outlivesClient && _machine.Plan.IsLive;

    /// <inheritdoc/>
    public override void Make()
    {
        _machine.Stage = MigrationStage.Moving;
        (State, WasMade) = (CallState.Out, true);
        _machine.Emit(new MigrationCommand.Call());

        // Told after the call is made: what has not begun does not go on without this process, peer-to-peer or not.
        _machine.Record.Enter(MigrationPhase.Preparing);
        _machine.Convergence.Begin();
        _job.Begin();
    }

    /// <inheritdoc/>
    public override void Stop(StopReason reason)
    {
        IsStopRequested |= reason == StopReason.Requested;
        if (_machine.Stage is not (MigrationStage.Preparing or MigrationStage.Moving))
        {
            return;
        }

        (Stopping, StoppedAt) = (reason, _machine.Now);
        if (_machine.Stage == MigrationStage.Preparing)
        {
            _machine.Verdict.Begin();
            return;
        }

        _machine.Stage = MigrationStage.Stopping;
        _machine.Record.Enter(_machine.PostCopy.IsActive ? MigrationPhase.PostCopy : MigrationPhase.Aborting);
        if (_machine.PostCopy.IsActive)
        {
            _machine.PostCopy.RefuseStop();
        }

        _machine.Emit(new MigrationCommand.GiveUpCall());
        _machine.Emit(new MigrationCommand.Arm(MigrationTimer.Stop,
            reason == StopReason.Overdue ? MigrationDeadlines.AbortOverdue : MigrationDeadlines.Abort));
        _job.Look();
    }

    /// <inheritdoc/>
    public override void Fail(Exception failure)
    {
        Failure ??= failure;
        if (_machine.Stage == MigrationStage.Preparing)
        {
            _machine.Verdict.Begin();
        }
        else if (_machine.Stage == MigrationStage.Moving)
        {
            // The call goes on without anybody who understands it: it is better ended.
            Stop(StopReason.GivenUp);
        }
    }

    /// <inheritdoc/>
    public override void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.StopRequested:
                Stop(StopReason.Requested);
                break;
            case MigrationEvent.CallReturned:
                End(CallState.Succeeded, null);
                break;
            case MigrationEvent.CallFailed { WasMade: false, Failure: var failure }:
                End(CallState.NotMade, failure as HypervisorException);
                break;
            case MigrationEvent.CallFailed { Failure: var failure }:
                TakeFailure(failure);
                break;
            case MigrationEvent.DestinationClosed when _machine.Stage == MigrationStage.Moving && NeedsDestination && _closedSince is null:
                _closedSince = _machine.Now;
                _machine.Emit(new MigrationCommand.Reopen());
                break;
            case MigrationEvent.DestinationReopened:
                _closedSince = null;
                _machine.Emit(new MigrationCommand.Listen(MigrationEnd.Destination));
                break;
            case MigrationEvent.DestinationUnreachable:
                TakeUnreachable();
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Reopen } when _closedSince is not null && _machine.Stage == MigrationStage.Moving:
                _machine.Emit(new MigrationCommand.Reopen());
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Stop } when _machine.Stage == MigrationStage.Stopping:
                EndWaiting();
                break;
            default:
                _job.Take(happened);
                break;
        }
    }

    /// <summary>Goes on after the result was given out, for as long as the call may still take effect against somebody's will.</summary>
    public override void Guard()
    {
        if (IsOpen && Stopping != StopReason.None && !_machine.Evidence.IsOnDestination)
        {
            _job.Guard();
        }
        else if (State != CallState.Out)
        {
            Leave(isForced: true);
        }
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        if (_machine.Stage == MigrationStage.Guarding && !IsOpen)
        {
            Leave();
        }
    }

    /// <summary>Notes how the call ended, and goes to the verdict; after the result, puts back what may still be changed, and leaves.</summary>
    /// <param name="state">How it ended.</param>
    /// <param name="failure">How it failed; null where it did not, or where that is not to be told.</param>
    public void End(CallState state, Exception? failure)
    {
        if (!IsOpen)
        {
            return;
        }

        State = state;
        if (failure is not null || state == CallState.Succeeded)
        {
            Failure = failure;
        }

        // An abort that nobody asked for is told by its cause.
        if (Stopping == StopReason.DestinationLost && failure is not null)
        {
            Failure = new HypervisorException($"the connection to '{_machine.Plan.DestinationHost.Name}' was lost half-way", failure);
        }

        switch (_machine.Stage)
        {
            case MigrationStage.Moving or MigrationStage.Stopping:
                _machine.Verdict.Begin();
                break;
            case MigrationStage.Guarding:
                _machine.DowntimeLimit.Restore(isOver: true);
                Leave();
                break;
        }
    }

    /// <summary>Leaves, when nothing is left to do.</summary>
    /// <param name="isForced">Whether a request that the source has not answered is not waited for.</param>
    public void Leave(bool isForced = false)
    {
        if (!isForced && _machine.Convergence.IsAsking)
        {
            return;
        }

        _machine.Stage = MigrationStage.Left;
        _machine.Emit(new MigrationCommand.Leave());
    }

    // After a stop the call has had its time to end; a post-copy that makes progress has all that it needs.
    private void EndWaiting()
    {
        if (_machine.PostCopy.IsMoving)
        {
            _machine.Emit(new MigrationCommand.Arm(MigrationTimer.Stop, MigrationDeadlines.LongestPoll));
            return;
        }

        Failure ??= new TimeoutException(Stopping == StopReason.Overdue
            ? $"'{_machine.Plan.SourceHost.Name}' has finished the migration, but libvirt is still waiting for QEMU on '{_machine.Plan.DestinationHost.Name}', which hangs"
            : $"The migration did not end within {(_machine.Now - StoppedAt).TotalSeconds:0} s of being aborted.");
        _machine.Verdict.Begin();
    }

    private void TakeFailure(Exception failure)
    {
        switch (failure)
        {
            case OperationCanceledException:
                End(CallState.NotMade, null);
                break;
            case HostTimeoutException:
                // What takes long is to get there: a call that has begun has no deadline.
                End(CallState.NotMade, failure);
                break;
            case HostConnectionLostException or HypervisorToolException or not HypervisorException:
                Lose(failure);
                break;
            default:
                End(CallState.Failed, failure);
                break;
        }
    }

    // The source's daemon, or a client beside it, may carry the migration on, which is followed on the source; or nobody does.
    private void Lose(Exception failure)
    {
        if (!_outlivesClient && _machine.Plan.IsLive)
        {
            End(CallState.Lost, failure);
            return;
        }

        (State, Failure) = (CallState.Adrift, failure);
        _job.Lose();
        if (!_machine.IsUnderWay)
        {
            return;
        }

        if (_machine.Plan.IsLive)
        {
            _job.Look();
        }
        else
        {
            // Offline there is no job to follow: what was sent to the destination takes effect within moments, or never.
            _machine.Verdict.Begin();
        }
    }

    private void TakeUnreachable()
    {
        if (_closedSince is not { } since || _machine.Stage != MigrationStage.Moving)
        {
            return;
        }

        if (_machine.Now - since >= MigrationDeadlines.DestinationLost)
        {
            Stop(StopReason.DestinationLost);
        }
        else
        {
            _machine.Emit(new MigrationCommand.Arm(MigrationTimer.Reopen, MigrationDeadlines.BetweenReopens));
        }
    }
}
