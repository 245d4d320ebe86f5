using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// A post-copy that broke: libvirt is asked to resume it, again where that fails, until the guest has all of its memory on the destination.
/// Where nothing moves for too long, the half that still does is told to stand still.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class ResumeRegion(MigrationMachine machine) : FollowRegion(machine)
{
    private readonly MigrationMachine _machine = machine;
    private readonly StallClock _clock = new();
    private TimeSpan _callAgainAt;
    private bool _isBreaking;

    /// <inheritdoc/>
    protected override TimeSpan Interval => MigrationDeadlines.ResumePoll;

    /// <inheritdoc/>
    public override void Make()
    {
        _clock.Begin(_machine.Now);
        base.Make();
    }

    /// <inheritdoc/>
    public override void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.CallReturned:
                End(CallState.Succeeded, null);
                break;
            case MigrationEvent.CallFailed { WasMade: false, Failure: var failure }:
                End(CallState.Foreign, failure);
                break;
            case MigrationEvent.CallFailed { Failure: var failure }:
                End(failure is HostConnectionLostException or HypervisorToolException or not HypervisorException ? CallState.Lost : CallState.Failed, failure);
                break;
            case MigrationEvent.Done { Request: MigrationRequested.AbortPostCopy } or MigrationEvent.Refused { Request: MigrationRequested.AbortPostCopy }
                when _machine.IsUnderWay:
                // Where it was refused, that half stood still already, or its host can't be reached.
                _machine.Verdict.Begin();
                break;
            default:
                base.Take(happened);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Follow(VmMigrationVerification seen, JobReading? job)
    {
        if (_isBreaking)
        {
            return;
        }

        if (seen.Outcome != MigrationOutcome.PostCopyPaused && !seen.IsInProgress && seen.SourceInstance.IsKnown && seen.DestinationInstance.IsKnown)
        {
            _machine.Verdict.Begin();
            return;
        }

        _clock.Look(seen, job?.Statistics is { IsMigration: true } statistics ? statistics.DataRemaining : null, _machine.Now);
        if (_clock.Stalled(_machine.Now) > _machine.Plan.StallTimeout)
        {
            Break();
        }
        else if (!IsOut && _machine.Now >= _callAgainAt && IsToBeResumed(seen))
        {
            State = CallState.Out;
            _machine.Emit(new MigrationCommand.Call());
        }
    }

    // Where one daemon only lost sight of it, the QEMUs go on by themselves: to be asked then makes libvirt 9.0 miss the end now
    // and then. If nothing moves, that half has not noticed yet that the link is gone.
    private bool IsToBeResumed(VmMigrationVerification seen)
    {
        var notice = _machine.Plan.StallTimeout / 2;
        notice = notice < MigrationDeadlines.NoticeBreak ? notice : MigrationDeadlines.NoticeBreak;
        return seen.Outcome == MigrationOutcome.PostCopyPaused && (!seen.IsInProgress || _clock.Stalled(_machine.Now) > notice);
    }

    // The half whose QEMU still answers is told to stand still, so that nothing half-done lies between the halves.
    private void Break()
    {
        (_isBreaking, Stopping) = (true, StopReason.TimedOut);
        Failure ??= new TimeoutException(IsOut ? "libvirt has not answered" : "no memory is being transferred");
        _machine.Stage = MigrationStage.Stopping;
        _machine.Emit(new MigrationCommand.Request(MigrationRequested.AbortPostCopy));
    }

    private void End(CallState state, Exception? failure)
    {
        if (!IsOut)
        {
            return;
        }

        (State, Failure, _callAgainAt) = (state, failure, _machine.Now + MigrationDeadlines.BetweenResumes);
        Look();
    }

    /// <summary>
    /// Measures for how long a migration has not come nearer to its end: less memory than ever remains, or the halves are in states
    /// in which they have not been together before.
    /// </summary>
    private sealed class StallClock
    {
        private readonly HashSet<(VmStatus?, VmStatus?)> _states = [];
        private long _least = long.MaxValue;
        private TimeSpan _since;

        public void Begin(TimeSpan now) => _since = now;

        public TimeSpan Stalled(TimeSpan now) => now - _since;

        public void Look(VmMigrationVerification seen, long? remaining, TimeSpan now)
        {
            if (_states.Add((seen.SourceInstance.Status, seen.DestinationInstance.Status)) || remaining < _least)
            {
                _least = Math.Min(_least, remaining ?? long.MaxValue);
                _since = now;
            }
        }
    }
}
