using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Whether and how a migration comes to its end: progress from the job's statistics and events, the decisions of policy, timeout and
/// -PostCopyAfterPrecopy, the downtime limit, and what is put back of it.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class ConvergenceRegion(MigrationMachine machine)
{
    private readonly Queue<MigrationDecision> _waiting = [];
    private readonly bool _canPostCopy = machine.Plan.Options.Has(MigrationOptions.PostCopy);
    private PolicyController? _controller;
    private MigrationDecision? _current;
    private MigrationRequested _request;
    private TimeSpan? _formerMaxDowntime;
    private TimeSpan? _setMaxDowntime;
    private bool _isTakenOver;
    private bool _isRestoring;
    private bool _isForGood;
    private bool _isUnanswered;
    private bool _hasSetMaxDowntime;
    private bool _isFirstPassOver;
    private long _pass;

    /// <summary>Whether nothing has to be set any more before the call.</summary>
    public bool IsPrepared { get; private set; }

    /// <summary>The downtime that is allowed now, be it by a decision or by somebody else.</summary>
    public TimeSpan MaxDowntime { get; private set; } = MigrationLimits.UsualMaxDowntime;

    /// <summary>Whether the migration has stopped the guest at the source, for the switchover.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>The last statistics that were read of the job while it ran.</summary>
    public JobStatistics? Last { get; private set; }

    /// <summary>When the last pass over the guest's memory began; null where no event told of one.</summary>
    public TimeSpan? LastPass { get; private set; }

    /// <summary>When the guest was suspended for the migration; null where it was not.</summary>
    public TimeSpan? SuspendedAt { get; private set; }

    /// <summary>The decision with which the policy gave it up; null where none did.</summary>
    public MigrationDecision? GivenUp { get; private set; }

    /// <summary>The downtime limit that stays changed on the source, against what was before; null where none does.</summary>
    public TimeSpan? LeftMaxDowntime { get; private set; }

    /// <summary>
    /// Whether this migration has set the downtime limit, so that it is to be put back, also where it was set to the former one again: libvirt
    /// sets the limit that was there when the job began back when it ends.
    /// </summary>
    public bool HasChangedMaxDowntime => _formerMaxDowntime is not null && !_isTakenOver && _hasSetMaxDowntime;

    /// <summary>Whether a request to the source is not answered yet.</summary>
    public bool IsAsking => _request != MigrationRequested.None;

    /// <summary>Reads and sets the downtime limit that the migration begins with.</summary>
    public void Prepare()
    {
        // QEMU keeps the limit with the guest, so that it is put back where the guest stays.
        if (machine.Plan.IsLive && (machine.Plan.Limits.MaxDowntime is not null || machine.Plan.Policy is { SetsMaxDowntime: true }))
        {
            Ask(MigrationRequested.ReadMaxDowntime);
        }
        else
        {
            IsPrepared = true;
        }
    }

    /// <summary>Begins to decide, when the call is made.</summary>
    public void Begin()
    {
        var plan = machine.Plan;
        foreach (var decision in plan.Decisions)
        {
            machine.Record.Add(decision);
        }

        _controller = plan is { IsLive: true, Policy: { } policy }
            ? new(policy, new(_canPostCopy, plan.GivenMaxDowntime, plan.Limits.Timeout), MaxDowntime)
            : null;
        if (plan.Limits.Timeout is { } timeout)
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Timeout, timeout < MigrationDeadlines.LongestTimer ? timeout : MigrationDeadlines.LongestTimer));
        }
    }

    /// <summary>Decides nothing more: the guest has left the source, or is about to.</summary>
    public void EndDeciding() => _controller?.EndDeciding();

    /// <summary>Puts back what a guest that has stayed had before. A limit that somebody else has set meanwhile is left alone.</summary>
    /// <param name="isOver">Whether the job is over; else what is put back may not last, and is said not to be.</param>
    public void Restore(bool isOver)
    {
        LeftMaxDowntime = HasChangedMaxDowntime ? _setMaxDowntime : null;
        _isForGood = isOver && !_isUnanswered;
        AskToRestore();
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.Heard { End: MigrationEnd.Source, Happened: var told } when machine.Call.WasMade:
                TakeHeard(told);
                break;
            case MigrationEvent.JobSeen { Reading.Statistics: { IsMigration: true } statistics }
                when machine.IsUnderWay:
                TakeStatistics(statistics);
                break;
            case MigrationEvent.JobSeen or MigrationEvent.JobUnseen when machine.Stage == MigrationStage.Moving:
                Tick();
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Timeout } when machine.Stage == MigrationStage.Moving:
                TakeTimeout();
                break;
            case MigrationEvent.MaxDowntimeSeen { Limit: var limit }:
                TakeMaxDowntime(limit);
                break;
            case MigrationEvent.Done { Request: var request } when request == _request:
                TakeDone();
                break;
            case MigrationEvent.Refused { Request: var request, Failure: var failure } when request == _request:
                TakeRefused(failure);
                break;
        }
    }

    private void TakeHeard(DomainEvent told)
    {
        switch (told)
        {
            case MigrationIterationEvent:
                LastPass = machine.Now;
                break;
            case LifecycleEvent { Kind: LifecycleEvent.Suspended, Detail: LifecycleEvent.SuspendedMigrated }:
                IsStopped = true;
                EndDecidingAtSwitchover();
                break;
            case LifecycleEvent { Kind: LifecycleEvent.Resumed }:
                IsStopped = false;
                break;
            default:
                return;
        }

        // What just happened is worth a look.
        if (machine.Stage == MigrationStage.Moving)
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Poll, TimeSpan.Zero));
        }
    }

    private void EndDecidingAtSwitchover()
    {
        if (SuspendedAt is null)
        {
            EndDeciding();
        }
    }

    private void TakeStatistics(JobStatistics statistics)
    {
        Last = statistics;
        var progress = machine.Record.Update(statistics, PhaseOf(statistics), MaxDowntime, IsStopped || SuspendedAt is not null);
        var sample = MigrationSample.Of(statistics, machine.Now, progress.Rate) with { ImpliedDowntime = progress.ImpliedDowntime };
        if (sample.Iteration is { } pass && pass > _pass)
        {
            _pass = pass;
            machine.Record.Add(sample);
            DecideAt(sample);
        }
        else
        {
            _controller?.Observe(sample);
        }

        Tick();
    }

    private MigrationPhase PhaseOf(JobStatistics statistics) =>
        machine.PostCopy.IsSplit ? MigrationPhase.PostCopy :
        machine.Stage == MigrationStage.Stopping ? MigrationPhase.Aborting :
        statistics.DataProcessed > 0 ? MigrationPhase.Copying :
        MigrationPhase.Preparing;

    private void DecideAt(MigrationSample sample)
    {
        if (machine.Stage != MigrationStage.Moving)
        {
            return;
        }

        if (machine.Plan.Options.Has(MigrationOptions.PostCopyAfterPrecopy) && sample.Iteration > 1 && !_isFirstPassOver)
        {
            _isFirstPassOver = true;
            Decide(new()
            {
                Elapsed = sample.Elapsed,
                Iteration = sample.Iteration,
                Action = MigrationAction.PostCopy,
                Reason = "the first pass over memory has ended, and -PostCopyAfterPrecopy was given: switch to post-copy",
                Remaining = sample.Remaining,
            });
        }

        foreach (var decision in _controller?.DecideAt(sample) ?? [])
        {
            Decide(decision);
        }
    }

    private void Tick()
    {
        if (machine.Stage == MigrationStage.Moving && _controller?.Tick(machine.Now) is { } decision)
        {
            Decide(decision);
        }
    }

    private void TakeTimeout()
    {
        var limits = machine.Plan.Limits;
        var decision = TimeoutRule.Decide(limits.OnTimeout, limits.Timeout ?? TimeSpan.Zero, machine.Now, _canPostCopy, machine.PostCopy.IsActive,
            SuspendedAt is not null);
        if (decision.Status == MigrationDecisionStatus.Done)
        {
            EndDeciding();
        }

        Decide(decision, StopReason.TimedOut);
    }

    // One request at a time; what is decided meanwhile waits.
    private void Decide(MigrationDecision decision, StopReason stop = StopReason.GivenUp)
    {
        if (decision is { Action: MigrationAction.Abort, Status: MigrationDecisionStatus.Done })
        {
            GivenUp = decision;
            machine.Record.Add(decision);
            machine.Call.Stop(stop);
        }
        else if (decision.Status != MigrationDecisionStatus.Done || decision.Action is MigrationAction.Continue or MigrationAction.SetOption)
        {
            machine.Record.Add(decision);
        }
        else
        {
            _waiting.Enqueue(decision);
            Next();
        }
    }

    private void Next()
    {
        while (!IsAsking && _current is null && _waiting.TryDequeue(out var decision))
        {
            if (machine.Stage != MigrationStage.Moving)
            {
                machine.Record.Add(decision with { Status = MigrationDecisionStatus.Skipped });
                continue;
            }

            _current = decision;
            switch (decision.Action)
            {
                case MigrationAction.SetMaxDowntime:
                    Ask(MigrationRequested.ReadMaxDowntime);
                    break;
                case MigrationAction.PostCopy:
                    Ask(MigrationRequested.StartPostCopy);
                    break;
                default:
                    // Set before, since the event of it may come before the answer.
                    SuspendedAt = machine.Now;
                    Ask(MigrationRequested.Suspend);
                    break;
            }
        }
    }

    private void TakeMaxDowntime(TimeSpan limit)
    {
        _request = MigrationRequested.None;
        if (!IsPrepared)
        {
            _formerMaxDowntime = _setMaxDowntime = MaxDowntime = limit;
            if (machine.Stage == MigrationStage.Preparing && machine.Plan.Limits.MaxDowntime is { } given)
            {
                _setMaxDowntime = given;
                Ask(MigrationRequested.SetMaxDowntime, given);
            }
            else
            {
                IsPrepared = true;
            }

            return;
        }

        if (_current is not { } decision)
        {
            return;
        }

        // A limit that somebody set meanwhile (Set-VmMigrationJob, virsh) is as good as one that was given.
        if (_isTakenOver || limit != MaxDowntime)
        {
            (_isTakenOver, MaxDowntime) = (true, limit);
            Finish(decision with
            {
                Status = MigrationDecisionStatus.Skipped,
                Reason = $"{decision.Reason}, but somebody set {PolicyWording.Milliseconds(limit)} meanwhile, and that stays",
            });
        }
        else if (machine.Stage == MigrationStage.Moving)
        {
            _setMaxDowntime = decision.MaxDowntime ?? MigrationLimits.UsualMaxDowntime;
            Ask(MigrationRequested.SetMaxDowntime, _setMaxDowntime);
        }
        else
        {
            Finish(decision with { Status = MigrationDecisionStatus.Skipped });
        }
    }

    private void TakeDone()
    {
        var request = _request;
        _request = MigrationRequested.None;
        if (request == MigrationRequested.SetMaxDowntime)
        {
            MaxDowntime = _setMaxDowntime ?? MaxDowntime;
        }

        if (machine.Stage is MigrationStage.Closing or MigrationStage.Guarding)
        {
            LeftMaxDowntime = _isRestoring && _isForGood ? null : LeftMaxDowntime;
            AskToRestore();
        }
        else if (!IsPrepared)
        {
            IsPrepared = true;
        }
        else if (_current is { } decision)
        {
            Finish(decision);
        }
    }

    // What was asked for while the migration ended is answered first: the limit that was sent last is the one that stays.
    private void AskToRestore()
    {
        if (LeftMaxDowntime is not null && !_isRestoring && !IsAsking)
        {
            _isRestoring = true;
            Ask(MigrationRequested.SetMaxDowntime, _formerMaxDowntime);
        }
    }

    private void TakeRefused(Exception failure)
    {
        var request = _request;
        _request = MigrationRequested.None;

        // What was not answered may be done yet.
        _isUnanswered |= request == MigrationRequested.SetMaxDowntime && !IsRefusal(failure);
        if (!IsPrepared)
        {
            IsPrepared = true;
            machine.Call.Fail(failure);
            return;
        }

        if (machine.Stage is MigrationStage.Closing or MigrationStage.Guarding)
        {
            AskToRestore();
            return;
        }

        // Where no answer came, it may have been done all the same.
        if (request == MigrationRequested.Suspend && IsRefusal(failure))
        {
            SuspendedAt = null;
        }
        else if (request == MigrationRequested.SetMaxDowntime && IsRefusal(failure))
        {
            _setMaxDowntime = MaxDowntime;
        }

        if (_current is { } decision)
        {
            decision = decision with
            {
                Status = MigrationDecisionStatus.Refused,
                Error = failure is OperationCanceledException or TimeoutException
                    ? $"no answer within {PolicyWording.Seconds(MigrationDeadlines.Look)}"
                    : failure.Message,
            };
            _controller?.Refuse(decision);
            Finish(decision);
        }
    }

    private static bool IsRefusal(Exception failure) => failure is HypervisorException and not (HostConnectionLostException or HostTimeoutException);

    private void Finish(MigrationDecision decision)
    {
        _current = null;
        _controller?.TakeMaxDowntime(MaxDowntime);
        machine.Record.Add(decision);
        Next();
    }

    private void Ask(MigrationRequested request, TimeSpan? maxDowntime = null)
    {
        _request = request;
        _hasSetMaxDowntime |= request == MigrationRequested.SetMaxDowntime;
        machine.Emit(new MigrationCommand.Request(request, maxDowntime));
    }
}
