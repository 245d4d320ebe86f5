using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Policies;

namespace VirtMigrate.Migration;

/// <summary>
/// Whether and how a migration comes to its end: progress from the job's statistics and events, and the decisions of policy, timeout and
/// -PostCopyAfterPrecopy, which are carried out one after another.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class ConvergenceRegion(MigrationMachine machine)
{
    private readonly Queue<MigrationDecision> _waiting = [];
    private readonly bool _canPostCopy = machine.Plan.Options.Has(MigrationOptions.PostCopy);
    private PolicyController? _controller;
    private MigrationDecision? _current;
    private MigrationRequested _request;
    private bool _isFirstPassOver;
    private long _pass;

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

    /// <summary>Whether a request to the source is not answered yet.</summary>
    public bool IsAsking => _request != MigrationRequested.None || machine.DowntimeLimit.IsAsking;

    /// <summary>Begins to decide, when the call is made.</summary>
    public void Begin()
    {
        var plan = machine.Plan;
        foreach (var decision in plan.Decisions)
        {
            machine.Record.Add(decision);
        }

        _controller = plan is { IsLive: true, Policy: { } policy }
            ? new(policy, new(_canPostCopy, plan.GivenMaxDowntime, plan.Limits.Timeout), machine.DowntimeLimit.Allowed)
            : null;
        if (plan.Limits.Timeout is { } timeout)
        {
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.Timeout, timeout < MigrationDeadlines.LongestTimer ? timeout : MigrationDeadlines.LongestTimer));
        }
    }

    /// <summary>Decides nothing more: the guest has left the source, or is about to.</summary>
    public void EndDeciding() => _controller?.EndDeciding();

    /// <summary>Ends a decision that was carried out, or was not to be any more.</summary>
    /// <param name="decision">The decision, with what became of it.</param>
    public void Finish(MigrationDecision decision)
    {
        _current = null;
        _controller?.TakeMaxDowntime(machine.DowntimeLimit.Allowed);
        machine.Record.Add(decision);
        Next();
    }

    /// <summary>Ends a decision that the source did not carry out.</summary>
    /// <param name="decision">The decision.</param>
    /// <param name="failure">Why.</param>
    public void Refuse(MigrationDecision decision, Exception failure)
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

    /// <summary>Tells whether the source has refused what it was asked for; where it has not answered, that may be done yet.</summary>
    /// <param name="failure">What came instead of the answer.</param>
    /// <returns>Whether it has refused.</returns>
    public static bool IsRefusal(Exception failure) => failure is HypervisorException and not (HostConnectionLostException or HostTimeoutException);

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
            case MigrationEvent.Done { Request: var request } when request == _request:
                _request = MigrationRequested.None;
                TakeDone();
                break;
            case MigrationEvent.Refused { Request: var request, Failure: var failure } when request == _request:
                _request = MigrationRequested.None;
                TakeRefused(request, failure);
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
        var progress = machine.Record.Update(statistics, PhaseOf(statistics), machine.DowntimeLimit.Allowed, IsStopped || SuspendedAt is not null);
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
                Reason = $"the first iteration has ended, and -{MigrationOptions.PostCopyAfterPrecopy.Name} was given: switch to post-copy",
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
                    machine.DowntimeLimit.Set(decision);
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

    private void TakeDone()
    {
        if (machine.Stage is MigrationStage.Closing or MigrationStage.Guarding)
        {
            machine.DowntimeLimit.AskToRestore();
        }
        else if (_current is { } decision)
        {
            Finish(decision);
        }
    }

    private void TakeRefused(MigrationRequested request, Exception failure)
    {
        if (machine.Stage is MigrationStage.Closing or MigrationStage.Guarding)
        {
            machine.DowntimeLimit.AskToRestore();
            return;
        }

        // Where no answer came, it may have been done all the same.
        if (request == MigrationRequested.Suspend && IsRefusal(failure))
        {
            SuspendedAt = null;
        }

        if (_current is { } decision)
        {
            Refuse(decision, failure);
        }
    }

    private void Ask(MigrationRequested request)
    {
        _request = request;
        machine.Emit(new MigrationCommand.Request(request));
    }
}
