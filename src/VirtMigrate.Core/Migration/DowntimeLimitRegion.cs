using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Policies;

namespace VirtMigrate.Migration;

/// <summary>
/// The downtime limit on the source: read and set before the call and where a policy decides so, left to somebody else who sets it meanwhile, and
/// put back where the guest stays, since QEMU keeps it with the guest.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class DowntimeLimitRegion(MigrationMachine machine)
{
    private MigrationDecision? _decision;
    private MigrationRequested _request;
    private TimeSpan? _former;
    private TimeSpan? _set;
    private TimeSpan? _atBegin;
    private bool _isTakenOver;
    private bool _isRestoring;
    private bool _isForGood;
    private bool _isUnanswered;
    private bool _wasSet;

    /// <summary>Whether nothing has to be set any more before the call.</summary>
    public bool IsPrepared { get; private set; }

    /// <summary>The downtime that is allowed now, be it by a decision or by somebody else.</summary>
    public TimeSpan Allowed { get; private set; } = MigrationLimits.UsualMaxDowntime;

    /// <summary>The limit that stays on the source, against what was before; null where none does.</summary>
    public TimeSpan? LeftChanged { get; private set; }

    /// <summary>
    /// Whether this migration has set the limit, so that it is to be put back, also where it was set to the former one again: libvirt sets the limit
    /// that was there when the job began back when it ends.
    /// </summary>
    public bool HasChanged => _former is not null && !_isTakenOver && _wasSet;

    /// <summary>Whether the source has not answered yet.</summary>
    public bool IsAsking => _request != MigrationRequested.None;

    /// <summary>Reads and sets the limit that the migration begins with.</summary>
    public void Prepare()
    {
        if (machine.Plan.IsLive && (machine.Plan.Limits.MaxDowntime is not null || machine.Plan.Policy is { SetsMaxDowntime: true }))
        {
            Ask(MigrationRequested.ReadMaxDowntime);
        }
        else
        {
            IsPrepared = true;
        }
    }

    /// <summary>Sets the limit as was decided, unless somebody else has set it meanwhile.</summary>
    /// <param name="decision">The decision.</param>
    public void Set(MigrationDecision decision)
    {
        _decision = decision;
        Ask(MigrationRequested.ReadMaxDowntime);
    }

    /// <summary>Puts back what a guest that has stayed had before. A limit that somebody else has set meanwhile is left alone.</summary>
    /// <param name="isOver">Whether the job is over; else what is put back may not last, and is said not to be.</param>
    public void Restore(bool isOver)
    {
        LeftChanged = HasChanged ? _set : null;
        _isForGood = isOver && !_isUnanswered;
        AskToRestore();
    }

    /// <summary>Asks for what is to be put back, as soon as the source has answered all that it was asked for.</summary>
    public void AskToRestore()
    {
        // What was asked for while the migration ended is answered first: the limit that was sent last is the one that stays.
        if (LeftChanged is not null && !_isRestoring && !machine.Convergence.IsAsking)
        {
            _isRestoring = true;
            Ask(MigrationRequested.SetMaxDowntime, _former);
        }
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.MaxDowntimeSeen { Limit: var limit }:
                _request = MigrationRequested.None;
                TakeLimit(limit);
                if (machine.Stage is MigrationStage.Closing or MigrationStage.Guarding)
                {
                    // It was read for a decision, which waited while the migration ended.
                    LeftChanged = HasChanged ? LeftChanged : null;
                    AskToRestore();
                }

                break;
            case MigrationEvent.Done { Request: MigrationRequested.SetMaxDowntime } when _request == MigrationRequested.SetMaxDowntime:
                _request = MigrationRequested.None;
                TakeDone();
                break;
            case MigrationEvent.Refused { Request: var request, Failure: var failure } when request == _request:
                _request = MigrationRequested.None;
                TakeRefused(request, failure);
                break;
        }
    }

    private void TakeLimit(TimeSpan limit)
    {
        if (!IsPrepared)
        {
            _former = _set = Allowed = limit;
            if (machine.Stage == MigrationStage.Preparing && machine.Plan.Limits.MaxDowntime is { } given)
            {
                _set = given;
                Ask(MigrationRequested.SetMaxDowntime, given);
            }
            else
            {
                (IsPrepared, _atBegin) = (true, limit);
            }

            return;
        }

        if (_decision is not { } decision)
        {
            return;
        }

        // libvirt sets the limit of the job's begin back when the job ends: what is read then is nobody's doing.
        if (machine.Stage != MigrationStage.Moving && limit == _atBegin)
        {
            Finish(decision with { Status = MigrationDecisionStatus.Skipped });
            return;
        }

        // What was asked for and not answered may have been done all the same: it is still this migration's to put back.
        Allowed = _isUnanswered && limit == _set ? limit : Allowed;

        // A limit that somebody set meanwhile (Set-VmMigrationJob, virsh) is as good as one that was given.
        if (_isTakenOver || limit != Allowed)
        {
            (_isTakenOver, Allowed) = (true, limit);
            Finish(decision with
            {
                Status = MigrationDecisionStatus.Skipped,
                Reason = $"{decision.Reason}, but somebody set {PolicyWording.Milliseconds(limit)} meanwhile, and that stays",
            });
        }
        else if (machine.Stage == MigrationStage.Moving)
        {
            _set = decision.MaxDowntime ?? MigrationLimits.UsualMaxDowntime;
            Ask(MigrationRequested.SetMaxDowntime, _set);
        }
        else
        {
            Finish(decision with { Status = MigrationDecisionStatus.Skipped });
        }
    }

    private void TakeDone()
    {
        Allowed = _set ?? Allowed;
        if (machine.Stage is MigrationStage.Closing or MigrationStage.Guarding)
        {
            LeftChanged = _isRestoring && _isForGood ? null : LeftChanged;
            AskToRestore();
        }
        else if (!IsPrepared)
        {
            (IsPrepared, _atBegin) = (true, Allowed);
        }
        else if (_decision is { } decision)
        {
            Finish(decision);
        }
    }

    private void TakeRefused(MigrationRequested request, Exception failure)
    {
        // What was not answered may be done yet.
        var isRefusal = ConvergenceRegion.IsRefusal(failure);
        _isUnanswered |= request == MigrationRequested.SetMaxDowntime && !isRefusal;
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

        if (request == MigrationRequested.SetMaxDowntime && isRefusal)
        {
            _set = Allowed;
        }

        if (_decision is { } decision)
        {
            _decision = null;
            machine.Convergence.Refuse(decision, failure);
        }
    }

    private void Finish(MigrationDecision decision)
    {
        _decision = null;
        machine.Convergence.Finish(decision);
    }

    private void Ask(MigrationRequested request, TimeSpan? limit = null)
    {
        _request = request;
        _wasSet |= request == MigrationRequested.SetMaxDowntime;
        machine.Emit(new MigrationCommand.Request(request, limit));
    }
}
