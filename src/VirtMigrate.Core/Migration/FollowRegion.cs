using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// A migration that no call of this side drives: both hosts and the job are looked at until nothing carries it on. It is aborted or switched to
/// post-copy where that was asked for, and only after a look that shows it.
/// </summary>
/// <param name="machine">The machine.</param>
internal class FollowRegion(MigrationMachine machine) : ControlRegion
{
    private int _awaited;
    private bool _isAgain;
    private bool _isDeaf;
    private TimeSpan _lookedAt;
    private TimeSpan _aliveAt;
    private (VmStatus? Here, VmStatus? There, long? Processed) _sight;
    private TimeSpan _begunAt;
    private TimeSpan? _jobBegan;
    private bool _isJobKnown;
    private JobReading? _job;
    private VmInstance? _source;
    private VmInstance? _destination;
    private MigrationRequested _asked;
    private bool _isAsking;
    private TimeSpan? _doneAt;
    private TimeSpan _askAgainAt;

    /// <summary>Between two looks.</summary>
    protected virtual TimeSpan Interval => MigrationDeadlines.LongestPoll;

    /// <summary>Whether the call is out.</summary>
    protected bool IsOut => State is CallState.Out;

    private bool KnowsBothHosts => machine.Plan is { Source.IsKnown: true, Destination.IsKnown: true };

    private bool IsPostCopy => machine.PostCopy.IsActive || _source?.Status is { IsPostCopy: true };

    private MigrationRequested Steering => machine.Plan.Steering;

    /// <inheritdoc/>
    public override void Make()
    {
        machine.Stage = MigrationStage.Moving;
        (State, WasMade, _begunAt, _aliveAt) = (CallState.Foreign, true, machine.Now, machine.Now);
        if (Steering != MigrationRequested.None)
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Stop, MigrationDeadlines.Abort));
        }

        Look();
    }

    /// <summary>Stops to follow. The migration goes on.</summary>
    /// <param name="reason">Why.</param>
    public override void Stop(StopReason reason)
    {
        IsStopRequested |= reason == StopReason.Requested;
        if (machine.Stage is MigrationStage.Preparing or MigrationStage.Moving or MigrationStage.Stopping)
        {
            Stopping = reason;
            machine.Emit(new MigrationCommand.GiveUpCall());
            LeaveIt();
        }
    }

    /// <inheritdoc/>
    public override void Fail(Exception failure)
    {
        Failure ??= failure;
        if (machine.Stage is MigrationStage.Preparing or MigrationStage.Moving or MigrationStage.Stopping)
        {
            LeaveIt();
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
            case MigrationEvent.JobSeen { Reading: var reading } when machine.IsUnderWay:
                (_isJobKnown, _job) = (true, reading);
                Steer(reading?.Statistics);
                TakeLook();
                break;
            case MigrationEvent.JobUnseen when machine.IsUnderWay:
                (_isJobKnown, _job) = (false, null);
                TakeLook();
                break;
            case MigrationEvent.InstanceSeen { End: MigrationEnd.Source, Instance: var instance } when machine.IsUnderWay:
                _source = instance;
                TakeLook();
                break;
            case MigrationEvent.InstanceSeen { Instance: var instance } when machine.IsUnderWay:
                _destination = instance;
                ListenAgain(instance);
                TakeLook();
                break;
            case MigrationEvent.DestinationClosed:
                _isDeaf = true;
                break;
            case MigrationEvent.Heard { Happened: not MigrationIterationEvent } when machine.IsUnderWay:
                // What just happened is worth a look.
                Look();
                break;
            case MigrationEvent.Done { Request: var request } when request == _asked:
                (_isAsking, _doneAt, _askAgainAt) = (false, machine.Now, machine.Now + MigrationDeadlines.BetweenGuards);
                Look();
                break;
            case MigrationEvent.Refused { Request: var request, Failure: var failure } when request == _asked:
                (_isAsking, _askAgainAt) = (false, machine.Now + MigrationDeadlines.BetweenAborts);
                TakeRefusal(failure);
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Poll }:
                Look();
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Stop } when machine.IsUnderWay:
                // Whoever asked has waited long enough; what was asked for may still come.
                Fail(new TimeoutException($"the migration has not ended within {MigrationDeadlines.Abort.TotalSeconds:0} s"));
                break;
        }
    }

    /// <inheritdoc/>
    public override void Guard() => Settle();

    /// <inheritdoc/>
    public override void Settle()
    {
        if (machine.Stage == MigrationStage.Guarding && !IsOut)
        {
            machine.Stage = MigrationStage.Left;
            machine.Emit(new MigrationCommand.Leave());
        }
    }

    /// <summary>Looks at both hosts and the job, unless that is being done.</summary>
    protected void Look()
    {
        if (!machine.IsUnderWay)
        {
            return;
        }

        if (_awaited > 0)
        {
            _isAgain = true;
            return;
        }

        (_awaited, _isAgain, _lookedAt) = (3, false, machine.Now);
        machine.Emit(new MigrationCommand.ReadJob());
        machine.Emit(new MigrationCommand.LookAt(MigrationEnd.Source));
        machine.Emit(new MigrationCommand.LookAt(MigrationEnd.Destination));
    }

    /// <summary>Acts on what both hosts said.</summary>
    /// <param name="seen">What they said, and what follows.</param>
    /// <param name="job">The job; null where it could not be read, or there is none.</param>
    protected virtual void Follow(VmMigrationVerification seen, JobReading? job)
    {
        if (!IsUnderWay(seen, job) || IsOutOfSight(seen))
        {
            machine.Verdict.Begin(isLast: !KnowsBothHosts);
        }
        else if (IsPostCopy && Steering == MigrationRequested.StartPostCopy)
        {
            LeaveIt();
        }
        else if (IsPostCopy && Steering == MigrationRequested.Abort)
        {
            Fail(OutcomeFailures.IsInPostCopy(machine.Plan.Vm.Name));
        }
    }

    // It goes on without anybody here.
    private void LeaveIt()
    {
        State = IsOut ? State : CallState.Adrift;
        machine.Verdict.Begin(isLast: true);
    }

    // The next of the same client is another migration: the one that was followed has ended.
    private bool IsOwn(JobStatistics? statistics)
    {
        if (statistics is not { IsMigration: true, IsCompleted: false, IsFailed: false })
        {
            return false;
        }

        _jobBegan ??= machine.Now - statistics.Elapsed;
        return machine.Now - statistics.Elapsed < _jobBegan + MigrationDeadlines.LateJob;
    }

    private bool IsUnderWay(VmMigrationVerification seen, JobReading? job)
    {
        if (IsOwn(job?.Statistics) || job is { IsHidden: true } || seen.IsInProgress)
        {
            return true;
        }

        var (here, there) = (seen.SourceInstance, seen.DestinationInstance);
        return IsOnItsWay(here) || IsOnItsWay(there) || IsUnseen(machine.Plan.Source, here) || IsUnseen(machine.Plan.Destination, there) ||
            (!_isJobKnown && machine.Plan.Source.IsKnown);
    }

    // A VM that stands there half-way, with no job and no change, is carried on by nobody. Nor is one whose job only waits for a client to confirm
    // it: all of its memory is on the destination, which has it as it is to be there, or has lost it since, or can't be seen, while nothing moves any
    // more.
    private bool IsOutOfSight(VmMigrationVerification seen)
    {
        // A look that was not answered is no news.
        var here = seen.SourceInstance.IsKnown ? seen.SourceInstance.Status : _sight.Here;
        var there = seen.DestinationInstance.IsKnown ? seen.DestinationInstance.Status : _sight.There;
        var statistics = IsOwn(_job?.Statistics) ? _job?.Statistics : null;
        var isSent = statistics is { DataTotal: > 0, DataRemaining: 0 };
        var isLeft = here is { IsExecuting: false, IsPostCopyHalf: false } && (there is { IsActive: true, IsPausedByMigration: false, IsPostCopyHalf: false } ||
            (isSent && (!seen.DestinationInstance.IsKnown || there is not { IsActive: true })));
        var sight = (here, there, _isJobKnown ? isLeft ? statistics?.DataProcessed : null : _sight.Processed);
        if ((statistics is not null && !isLeft) || sight != _sight)
        {
            (_aliveAt, _sight) = (machine.Now, sight);
        }

        return machine.Now - _aliveAt > MigrationDeadlines.Adrift;
    }

    private static bool IsOnItsWay(VmInstance instance) => instance.Status is { IsPausedByMigration: true } or { IsPostCopy: true };

    private static bool IsUnseen(HostConnection host, VmInstance instance) => host.IsKnown && !instance.IsKnown;

    private void ListenAgain(VmInstance instance)
    {
        if (_isDeaf && instance.IsKnown)
        {
            _isDeaf = false;
            machine.Emit(new MigrationCommand.Listen(MigrationEnd.Destination));
        }
    }

    private void TakeLook()
    {
        if (--_awaited > 0 || _source is not { } source || _destination is not { } destination)
        {
            return;
        }

        Follow(machine.Verdict.Weigh(source, destination), _job);
        if (!machine.IsUnderWay)
        {
            return;
        }

        if (_isAgain)
        {
            Look();
        }
        else
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll,
                machine.Stage == MigrationStage.Stopping || (Steering != MigrationRequested.None && _doneAt is null) ? MigrationDeadlines.BetweenAborts : Interval));
        }
    }

    // Asks for what it is to ask for, as soon as a look shows the job of a VM that was seen; an abort again until the job has ended.
    private void Steer(JobStatistics? statistics)
    {
        if (Steering == MigrationRequested.None || _source is null || _isAsking || machine.Now < _askAgainAt || !IsOwn(statistics) ||
            (_doneAt is not null && _asked != MigrationRequested.Abort) || (IsPostCopy && Steering != MigrationRequested.AbortPostCopy))
        {
            return;
        }

        // A look that took long is of a time that is gone; where all of them do, one that took long has to do.
        if (machine.Now - _lookedAt > MigrationDeadlines.FreshLook && machine.Now - _begunAt <= 3 * MigrationDeadlines.FreshLook)
        {
            return;
        }

        // One that is not in post-copy is aborted, also by who may break a post-copy.
        (_isAsking, _asked) = (true, Steering == MigrationRequested.AbortPostCopy && !IsPostCopy ? MigrationRequested.Abort : Steering);
        if (_asked == MigrationRequested.Abort && machine.Stage == MigrationStage.Moving)
        {
            machine.Stage = MigrationStage.Stopping;
            machine.Record.Enter(MigrationPhase.Aborting);
        }

        machine.Emit(new MigrationCommand.Request(_asked));
    }

    private void TakeRefusal(Exception failure)
    {
        var name = machine.Plan.Vm.Name;
        switch (failure)
        {
            case HypervisorException host when host.Failure == VmFailures.NoJob:
                // It has just ended; the next look says how.
                Look();
                break;
            case HypervisorException { Error.Message: { } message } when Steering == MigrationRequested.StartPostCopy &&
                message.Contains("VIR_MIGRATE_POSTCOPY", StringComparison.Ordinal):
                Fail(OutcomeFailures.HasNoPostCopy(name, failure));
                break;
            case HypervisorException when Steering == MigrationRequested.StartPostCopy &&
                (failure is HostConnectionLostException || machine.Convergence.Last is { DataProcessed: > 0 }):
                // Until QEMU has begun there is nothing to switch, and it says so; afterwards it is refused for good.
                Fail(failure);
                break;
            default:
                Look();
                break;
        }
    }
}
