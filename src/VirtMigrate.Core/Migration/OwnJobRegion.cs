using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// The job of the own call, as looks at the source show it: which job that is, whether it is over where the call is lost, and when it is aborted;
/// also after the result, where the call may still take effect against somebody's will.
/// </summary>
/// <param name="machine">The machine.</param>
/// <param name="call">The call.</param>
internal sealed class OwnJobRegion(MigrationMachine machine, CallRegion call)
{
    private readonly DoublingPause _poll = new(MigrationDeadlines.FirstPoll, MigrationDeadlines.LongestPoll);
    private TimeSpan _calledAt;
    private TimeSpan _lostAt;
    private TimeSpan _guardedSince;
    private TimeSpan? _readAt;
    private bool _isReadAgain;
    private OutgoingJob? _job;
    private bool _isShown;
    private bool _wasSeen;
    private bool _isKnown;
    private TimeSpan? _freeSince;
    private TimeSpan? _doneSince;
    private (long Remaining, long Processed) _progress;
    private TimeSpan _progressAt;
    private bool _isAborting;
    private TimeSpan _askAgainAt;

    // Libvirt's jobs name no owner: an outgoing migration that is no older than the call is taken for the call's own. Where the call is gone,
    // a job that begins long after it is somebody else's.
    private bool IsOwn => call.WasMade && _isShown && _job is { } job &&
        job.Latest >= _calledAt - MigrationDeadlines.JobClock && job.Earliest >= _calledAt - MigrationDeadlines.JobAge &&
        (call.State != CallState.Adrift || job.Latest <= _lostAt + MigrationDeadlines.LateJob);

    // An outgoing migration that began before the call, or long after its loss, is another client's, which keeps the call from beginning.
    private bool IsBehindAnother => call.WasMade && _isShown && _job is { } job && (job.Latest < _calledAt - MigrationDeadlines.JobClock ||
        (call.State == CallState.Adrift && job.Earliest > _lostAt + MigrationDeadlines.LateJob));

    // A job that its client has lost and that moves nothing any more, or can't be seen, is not waited for.
    private bool IsStuck => call.State == CallState.Adrift && machine.IsUnderWay &&
        machine.Now - _progressAt > MigrationDeadlines.Adrift;

    /// <summary>Begins to look, when the call is made.</summary>
    public void Begin()
    {
        _calledAt = machine.Now;
        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll, _poll.Restart()));
    }

    /// <summary>Follows the job without its call, which ended without an answer.</summary>
    public void Lose() => (_progressAt, _lostAt) = (machine.Now, machine.Now);

    /// <summary>Looks on after the result was given out, to abort the job where it appears.</summary>
    public void Guard()
    {
        _guardedSince = machine.Now;
        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll, MigrationDeadlines.BetweenGuards));
    }

    /// <summary>Looks at the job; once more afterwards where a look is under way.</summary>
    public void Look()
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

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.CallDelayed { By: var delay }:
                // A job that began meanwhile is another's.
                _calledAt += delay;
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
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Poll }:
                Look();
                break;
        }
    }

    private void TakeJob(JobReading? reading)
    {
        var askedAt = _readAt ?? machine.Now;
        var took = machine.Now - askedAt;
        var statistics = reading?.Statistics;
        NoteJob(reading, askedAt);
        _wasSeen |= IsOwn;
        _isKnown |= IsOwn && call.State == CallState.Out;

        if (statistics is not null && (statistics.DataRemaining, statistics.DataProcessed) is var progress && progress != _progress)
        {
            (_progress, _progressAt) = (progress, machine.Now);
        }

        if (call.State == CallState.Adrift && IsOver(reading))
        {
            _readAt = null;
            EndAdrift(isGone: reading is null);
            return;
        }

        if (IsStuck)
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

    private void NoteJob(JobReading? reading, TimeSpan askedAt)
    {
        var statistics = reading?.Statistics is { Operation: JobOperation.MigrationOut, IsCompleted: false, IsFailed: false } shown ? shown : null;
        _isShown = statistics is not null;
        _job = statistics is not null ? OutgoingJob.See(_job, statistics.Elapsed, askedAt, machine.Now)
            : reading is { IsHidden: true } ? _job
            : null;
    }

    private void TakeNoJob()
    {
        if (IsStuck)
        {
            _readAt = null;
            machine.Verdict.Begin();
            return;
        }

        ReadLater();
    }

    // A VM that is gone has ended its job. One look without the job proves less: a call that waits for the VM's job lock behind another
    // client takes it as soon as that is free; and where no job was seen, or another virsh beside the source makes the call, it may begin yet
    // while it is young. One that waits behind an older migration for longer has been refused by libvirt.
    private bool IsOver(JobReading? reading)
    {
        var isFree = reading is { IsHidden: false, Statistics: null or { IsCompleted: true } or { IsFailed: true } };
        _freeSince = isFree ? _freeSince ?? machine.Now : null;
        var isYoung = machine.Now - _calledAt <= MigrationDeadlines.Adrift;
        var mayBegin = isYoung && (!_wasSeen || string.Equals(machine.Plan.SourceHost.Transport, nameof(HostTransport.Ssh), StringComparison.Ordinal));
        return reading is null ||
            (!mayBegin && (!_wasSeen ? isFree : machine.Now - _freeSince >= MigrationDeadlines.LockFree)) ||
            (reading is { Statistics.IsMigration: false } && machine.Now - _lostAt > MigrationDeadlines.Adrift) ||
            (IsBehindAnother && machine.Now - _calledAt > 2 * MigrationDeadlines.Adrift && machine.Now - _lostAt > MigrationDeadlines.Adrift);
    }

    // A job that was seen only after the call was lost may be another client's, behind which the own one waits: that it is gone proves nothing.
    private void EndAdrift(bool isGone)
    {
        if (isGone || _isKnown)
        {
            call.End(CallState.Lost, call.Failure);
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
        var isDone = reading is { Statistics: { IsMigration: true } statistics } ? statistics.IsFailed : _wasSeen && reading is not { IsHidden: true };
        _doneSince = isDone ? _doneSince ?? machine.Now : null;
        if (call.State == CallState.Out && _doneSince is { } since && machine.Now - since > MigrationDeadlines.Overdue)
        {
            call.Stop(StopReason.Overdue);
        }
    }

    private void Abort(JobStatistics? statistics, TimeSpan took)
    {
        // A look that took long is of a time that is gone; where all of them do, one that took long has to do.
        var isFresh = took <= MigrationDeadlines.FreshLook || machine.Now - call.StoppedAt > 3 * MigrationDeadlines.FreshLook;

        // What is left of a job whose client is gone and whose memory has moved is no migration any more that could be aborted. A guest that
        // was suspended for the migration stands still long before.
        var isSwitchedOver = machine.Convergence is { IsStopped: true, SuspendedAt: null };
        var isLeft = call.State == CallState.Adrift && (!machine.Plan.IsLive || isSwitchedOver || statistics is { DataTotal: > 0, DataRemaining: 0 });
        if (call.IsOpen && isFresh && !isLeft && !_isAborting && machine.Now >= _askAgainAt && !machine.PostCopy.IsActive && IsOwn)
        {
            _isAborting = true;
            machine.Emit(new MigrationCommand.Request(MigrationRequested.Abort));
        }
    }

    private void ReadLater()
    {
        _readAt = null;
        if (_isReadAgain)
        {
            Look();
            return;
        }

        if (machine.Stage == MigrationStage.Guarding && call.State == CallState.Adrift && machine.Now - _guardedSince > MigrationDeadlines.GuardAdrift)
        {
            call.Leave(isForced: true);
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
}

/// <summary>
/// An outgoing migration that the source shows, by when it began. Libvirt tells how long a job has run, so that its begin lies between what
/// follows from the moment of the question and from that of the answer; several looks narrow that down.
/// </summary>
/// <param name="Earliest">The earliest that it may have begun, as time since the migration began.</param>
/// <param name="Latest">The latest.</param>
/// <param name="Elapsed">How long it had run when it was seen last.</param>
internal sealed record OutgoingJob(TimeSpan Earliest, TimeSpan Latest, TimeSpan Elapsed)
{
    /// <summary>Takes a look in: at the job that was seen before, or at another one that began since.</summary>
    /// <param name="former">The job that the last look showed; null where it showed none.</param>
    /// <param name="elapsed">How long the job has run by the source's clock.</param>
    /// <param name="askedAt">When the source was asked.</param>
    /// <param name="now">When it answered.</param>
    /// <returns>The job.</returns>
    public static OutgoingJob See(OutgoingJob? former, TimeSpan elapsed, TimeSpan askedAt, TimeSpan now)
    {
        var (earliest, latest) = (askedAt - elapsed, now - elapsed);

        // One that has run for longer, and can't have begun when the other did, has come after it while nobody could see the source. The hosts'
        // clocks drift apart by less than one part in a thousand.
        var drift = MigrationDeadlines.JobAge + (elapsed / 1000);
        if (former is null || elapsed < former.Elapsed || earliest > former.Latest + drift || latest < former.Earliest - drift)
        {
            return new(earliest, latest, elapsed);
        }

        // Over a long time two clocks drift apart: what is known well enough stays.
        return former.Latest - former.Earliest <= MigrationDeadlines.OneTime
            ? former with { Elapsed = elapsed }
            : new(earliest > former.Earliest ? earliest : former.Earliest, latest < former.Latest ? latest : former.Latest, elapsed);
    }
}
