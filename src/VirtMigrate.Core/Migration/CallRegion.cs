using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

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

/// <summary>The call that moves the VM: made, followed, ended when asked, and guarded where it outlives the result.</summary>
/// <param name="machine">The machine.</param>
/// <param name="outlivesClient">Whether the migration goes on where this side loses its call.</param>
internal sealed class CallRegion(MigrationMachine machine, bool outlivesClient) : ControlRegion
{
    private TimeSpan _calledAt;
    private readonly DoublingPause _poll = new(MigrationDeadlines.FirstPoll, MigrationDeadlines.LongestPoll);
    private TimeSpan? _readAt;
    private bool _isReadAgain;
    private bool _isAborting;
    private TimeSpan _askAgainAt;
    private TimeSpan _guardedSince;
    private OutgoingJob? _job;
    private bool _isJobShown;
    private bool _wasJobSeen;
    private bool _isJobKnown;
    private TimeSpan? _freeSince;
    private TimeSpan _lostAt;
    private TimeSpan _stoppedAt;
    private TimeSpan? _doneSince;
    private TimeSpan? _closedSince;
    private (long Remaining, long Processed) _progress;
    private TimeSpan _progressAt;

    private bool IsOpen => State is CallState.Out or CallState.Adrift;

    private bool NeedsDestination => !outlivesClient && machine.Plan.IsLive;

    /// <inheritdoc/>
    public override void Make()
    {
        machine.Stage = MigrationStage.Moving;
        (State, WasMade, _calledAt) = (CallState.Out, true, machine.Now);
        machine.Emit(new MigrationCommand.Call());

        // Told after the call is made: what has not begun does not go on without this process, peer-to-peer or not.
        machine.Record.Enter(MigrationPhase.Preparing);
        machine.Convergence.Begin();
        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll, _poll.Restart()));
    }

    /// <inheritdoc/>
    public override void Stop(StopReason reason)
    {
        IsStopRequested |= reason == StopReason.Requested;
        if (machine.Stage is not (MigrationStage.Preparing or MigrationStage.Moving))
        {
            return;
        }

        (Stopping, _stoppedAt) = (reason, machine.Now);
        if (machine.Stage == MigrationStage.Preparing)
        {
            machine.Verdict.Begin();
            return;
        }

        machine.Stage = MigrationStage.Stopping;
        machine.Record.Enter(machine.PostCopy.IsActive ? MigrationPhase.PostCopy : MigrationPhase.Aborting);
        if (machine.PostCopy.IsActive)
        {
            machine.PostCopy.RefuseStop();
        }

        machine.Emit(new MigrationCommand.GiveUpCall());
        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Stop,
            reason == StopReason.Overdue ? MigrationDeadlines.AbortOverdue : MigrationDeadlines.Abort));
        ReadJob();
    }

    /// <inheritdoc/>
    public override void Fail(Exception failure)
    {
        Failure ??= failure;
        if (machine.Stage == MigrationStage.Preparing)
        {
            machine.Verdict.Begin();
        }
        else if (machine.Stage == MigrationStage.Moving)
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
            case MigrationEvent.JobSeen { Reading: var reading }:
                TakeJob(reading);
                break;
            case MigrationEvent.JobUnseen:
                TakeNoJob();
                break;
            case MigrationEvent.Done { Request: MigrationRequested.Abort }:
                (_isAborting, _askAgainAt) = (false, machine.Now + MigrationDeadlines.BetweenGuards);
                break;
            case MigrationEvent.Refused { Request: MigrationRequested.Abort }:
                _isAborting = false;
                break;
            case MigrationEvent.DestinationClosed when machine.Stage == MigrationStage.Moving && NeedsDestination && _closedSince is null:
                _closedSince = machine.Now;
                machine.Emit(new MigrationCommand.Reopen());
                break;
            case MigrationEvent.DestinationReopened:
                _closedSince = null;
                machine.Emit(new MigrationCommand.Listen(MigrationEnd.Destination));
                break;
            case MigrationEvent.DestinationUnreachable:
                TakeUnreachable();
                break;
            case MigrationEvent.Elapsed { Timer: var timer }:
                TakeTimer(timer);
                break;
        }
    }

    private void TakeTimer(MigrationTimer timer)
    {
        switch (timer)
        {
            case MigrationTimer.Poll:
                ReadJob();
                break;
            case MigrationTimer.Reopen when _closedSince is not null && machine.Stage == MigrationStage.Moving:
                machine.Emit(new MigrationCommand.Reopen());
                break;
            case MigrationTimer.Stop when machine.Stage == MigrationStage.Stopping:
                if (machine.PostCopy.IsMoving)
                {
                    machine.Emit(new MigrationCommand.Arm(MigrationTimer.Stop, MigrationDeadlines.LongestPoll));
                }
                else
                {
                    Failure ??= new TimeoutException(Stopping == StopReason.Overdue
                        ? $"'{machine.Plan.SourceHost.Name}' has done with it, but libvirt waits for '{machine.Plan.DestinationHost.Name}', whose QEMU hangs"
                        : $"The migration did not end within {(machine.Now - _stoppedAt).TotalSeconds:0} s of being aborted.");
                    machine.Verdict.Begin();
                }

                break;
        }
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
        if (!outlivesClient && machine.Plan.IsLive)
        {
            End(CallState.Lost, failure);
            return;
        }

        (State, Failure, _progressAt, _lostAt) = (CallState.Adrift, failure, machine.Now, machine.Now);
        if (!machine.IsUnderWay)
        {
            return;
        }

        if (machine.Plan.IsLive)
        {
            ReadJob();
        }
        else
        {
            // Offline there is no job to follow: what was sent to the destination takes effect within moments, or never.
            machine.Verdict.Begin();
        }
    }

    private void End(CallState state, Exception? failure)
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
            Failure = new HypervisorException($"the connection to '{machine.Plan.DestinationHost.Name}' was lost half-way", failure);
        }

        switch (machine.Stage)
        {
            case MigrationStage.Moving or MigrationStage.Stopping:
                machine.Verdict.Begin();
                break;
            case MigrationStage.Guarding:
                machine.DowntimeLimit.Restore(isOver: true);
                Leave();
                break;
        }
    }

    /// <summary>Goes on after the result was given out, for as long as the call may still take effect against somebody's will.</summary>
    public override void Guard()
    {
        if (IsOpen && Stopping != StopReason.None && !machine.Evidence.IsOnDestination)
        {
            _guardedSince = machine.Now;
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll, MigrationDeadlines.BetweenGuards));
        }
        else if (State != CallState.Out)
        {
            Leave(isForced: true);
        }
    }

    /// <inheritdoc/>
    public override void Settle()
    {
        if (machine.Stage == MigrationStage.Guarding && !IsOpen)
        {
            Leave();
        }
    }

    private void Leave(bool isForced = false)
    {
        if (!isForced && machine.Convergence.IsAsking)
        {
            return;
        }

        machine.Stage = MigrationStage.Left;
        machine.Emit(new MigrationCommand.Leave());
    }

    private void ReadJob()
    {
        if (machine.Stage is not (MigrationStage.Moving or MigrationStage.Stopping or MigrationStage.Guarding))
        {
            return;
        }

        if (_readAt is not null)
        {
            _isReadAgain = true;
            return;
        }

        (_readAt, _isReadAgain) = (machine.Now, false);
        machine.PostCopy.Look();
        machine.Emit(new MigrationCommand.ReadJob());
    }

    private void TakeJob(JobReading? reading)
    {
        var askedAt = _readAt ?? machine.Now;
        var took = machine.Now - askedAt;
        var statistics = reading?.Statistics;
        NoteJob(reading, askedAt);
        _wasJobSeen |= IsOwnJob;
        _isJobKnown |= IsOwnJob && State == CallState.Out;

        if (statistics is not null && (statistics.DataRemaining, statistics.DataProcessed) is var progress && progress != _progress)
        {
            (_progress, _progressAt) = (progress, machine.Now);
        }

        if (State == CallState.Adrift && IsOver(reading))
        {
            _readAt = null;
            EndAdrift(isGone: reading is null);
            return;
        }

        if (IsStuck())
        {
            _readAt = null;
            machine.Verdict.Begin();
            return;
        }

        NoteDone(reading);
        if (machine.Stage is MigrationStage.Stopping or MigrationStage.Guarding)
        {
            Abort(statistics, took);
        }

        ReadLater();
    }

    private void TakeNoJob()
    {
        if (IsStuck())
        {
            _readAt = null;
            machine.Verdict.Begin();
            return;
        }

        ReadLater();
    }

    // A job that its client has lost and that moves nothing any more, or can't be seen, is not waited for.
    private bool IsStuck() => State == CallState.Adrift && machine.IsUnderWay &&
        machine.Now - _progressAt > MigrationDeadlines.Adrift;

    // A VM that is gone has ended its job. One look without the job proves less: a call that waits for the VM's job lock behind another
    // client takes it as soon as that is free. A job that was never seen may begin yet.
    private bool IsOver(JobReading? reading)
    {
        var isFree = reading is { IsHidden: false, Statistics: null or { IsCompleted: true } or { IsFailed: true } };
        _freeSince = isFree ? _freeSince ?? machine.Now : null;
        return reading is null ||
            (_wasJobSeen ? machine.Now - _freeSince >= MigrationDeadlines.LockFree : isFree && machine.Now - _calledAt > MigrationDeadlines.Adrift) ||
            (reading is { Statistics.IsMigration: false } && machine.Now - _lostAt > MigrationDeadlines.Adrift);
    }

    // A job that was seen only after the call was lost may be another client's, behind which the own one waits: that it is gone proves nothing.
    private void EndAdrift(bool isGone)
    {
        if (isGone || _isJobKnown)
        {
            End(CallState.Lost, Failure);
        }
        else if (machine.IsUnderWay)
        {
            machine.Verdict.Begin();
        }
        else
        {
            ReadLater();
        }
    }

    // Where the source's daemon drives the migration, its statistics stay and say that it failed; else they are gone.
    private void NoteDone(JobReading? reading)
    {
        var isDone = reading is { Statistics: { IsMigration: true } statistics } ? statistics.IsFailed : _wasJobSeen && reading is not { IsHidden: true };
        _doneSince = isDone ? _doneSince ?? machine.Now : null;
        if (State == CallState.Out && _doneSince is { } since && machine.Now - since > MigrationDeadlines.Overdue)
        {
            Stop(StopReason.Overdue);
        }
    }

    private void Abort(JobStatistics? statistics, TimeSpan took)
    {
        // A look that took long is of a time that is gone; where all of them do, one that took long has to do.
        var isFresh = took <= MigrationDeadlines.FreshLook || machine.Now - _stoppedAt > 3 * MigrationDeadlines.FreshLook;

        // What is left of a job whose client is gone and whose memory has moved is no migration any more that could be aborted.
        var isLeft = State == CallState.Adrift && (!machine.Plan.IsLive || machine.Convergence.IsStopped || statistics is { DataTotal: > 0, DataRemaining: 0 });
        if (IsOpen && isFresh && !isLeft && !_isAborting && machine.Now >= _askAgainAt && !machine.PostCopy.IsActive && IsOwnJob)
        {
            _isAborting = true;
            machine.Emit(new MigrationCommand.Request(MigrationRequested.Abort));
        }
    }

    // Libvirt's jobs name no owner: an outgoing migration that is no older than the call is taken for the call's own. Where the call is gone,
    // a job that begins long after it is somebody else's.
    private bool IsOwnJob => WasMade && _isJobShown && _job is { } job &&
        job.Latest >= _calledAt - MigrationDeadlines.JobClock && job.Earliest >= _calledAt - MigrationDeadlines.JobAge &&
        (State != CallState.Adrift || job.Latest <= _lostAt + MigrationDeadlines.LateJob);

    private void NoteJob(JobReading? reading, TimeSpan askedAt)
    {
        var statistics = reading?.Statistics is { Operation: JobOperation.MigrationOut, IsCompleted: false, IsFailed: false } shown ? shown : null;
        _isJobShown = statistics is not null;
        _job = statistics is not null ? OutgoingJob.See(_job, statistics.Elapsed, askedAt, machine.Now)
            : reading is { IsHidden: true } ? _job
            : null;
    }

    private void ReadLater()
    {
        _readAt = null;
        if (_isReadAgain)
        {
            ReadJob();
            return;
        }

        if (machine.Stage == MigrationStage.Guarding && State == CallState.Adrift && machine.Now - _guardedSince > MigrationDeadlines.GuardAdrift)
        {
            Leave(isForced: true);
            return;
        }

        var pause = machine.Stage switch
        {
            MigrationStage.Stopping => MigrationDeadlines.BetweenAborts,
            MigrationStage.Guarding => MigrationDeadlines.BetweenGuards,
            _ => _poll.Next(),
        };
        if (machine.Stage is MigrationStage.Moving or MigrationStage.Stopping or MigrationStage.Guarding)
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll, pause));
        }
    }

    private void TakeUnreachable()
    {
        if (_closedSince is not { } since || machine.Stage != MigrationStage.Moving)
        {
            return;
        }

        if (machine.Now - since >= MigrationDeadlines.DestinationLost)
        {
            Stop(StopReason.DestinationLost);
        }
        else
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Reopen, MigrationDeadlines.BetweenReopens));
        }
    }
}
