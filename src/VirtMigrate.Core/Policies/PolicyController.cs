
namespace VirtMigrate.Policies;

/// <summary>
/// Decides over one migration by its policy. It has neither a clock nor a host: samples and times go in, decisions come out, and
/// whoever carries them out says which of them were refused.
/// </summary>
internal sealed class PolicyController
{
    // What fits the limit is switched over by QEMU itself, which says so by one more iteration, or two where it changes its mind.
    // After that its own reckoning of the rate must differ from ours.
    private const int IterationsToSwitch = 2;

    private readonly RateAverage _rate;
    private readonly StepSchedule? _schedule;
    private readonly StallDetector? _stall;
    private TimeSpan _maxDowntime;
    private int _fitting;

    /// <summary>Makes a controller.</summary>
    public PolicyController(MigrationPolicy policy, PolicyConditions conditions, TimeSpan maxDowntime)
    {
        _maxDowntime = maxDowntime;
        _rate = new((policy.StallDetection ?? new()).RateSmoothing);
        _schedule = policy.Steps.Count > 0 ? new(policy.Steps, conditions) : null;
        _stall = policy.StallDetection is { } settings ? new(settings, conditions) : null;
    }

    /// <summary>Whether nothing is left to decide: the switchover has begun, or the migration was aborted.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Takes in the state of the migration between the starts of iterations. Leads to no decision.</summary>
    public void Observe(MigrationSample sample) => _rate.Add(sample.Rate);

    /// <summary>Decides at the start of an iteration over the guest's memory.</summary>
    public IReadOnlyList<MigrationDecision> DecideAt(MigrationSample sample)
    {
        // Nothing has moved when the first iteration begins.
        if (sample.Iteration > 1)
        {
            _rate.Add(sample.Rate);
        }

        if (IsOver || (_schedule is null && _stall is null))
        {
            return [];
        }

        var iteration = new PolicyIteration(sample.Elapsed, sample.Iteration ?? 0, sample.Remaining, (long?)_rate.BytesPerSecond,
            _rate.TimeFor(sample.Remaining), _maxDowntime);
        _stall?.See(iteration);
        if (SwitchesItself(iteration))
        {
            return [iteration.GoOn($"{iteration.Comparison}: QEMU switches over")];
        }

        var decisions = new List<MigrationDecision>();
        foreach (var decision in new[] { _schedule?.Decide(iteration), _stall?.Decide(iteration) }.OfType<MigrationDecision>())
        {
            if (!IsOver)
            {
                decisions.Add(Take(decision));
            }
        }

        return decisions;
    }

    /// <summary>Decides when a time is up.</summary>
    public MigrationDecision? Tick(TimeSpan elapsed) => IsOver || _stall?.Tick(elapsed) is not { } decision ? null : Take(decision);

    /// <summary>Takes note that libvirt refused a decision; the next one takes another way.</summary>
    public void Refuse(MigrationDecision decision)
    {
        IsOver = IsOver && decision.Action is not (MigrationAction.PostCopy or MigrationAction.Abort);
        _schedule?.Refuse(decision.Action);
        _stall?.Refuse(decision.Action);
    }

    /// <summary>Takes note that somebody else has set the downtime that is allowed.</summary>
    public void TakeMaxDowntime(TimeSpan limit) => _maxDowntime = limit;

    /// <summary>Takes note that the guest has left the source, or is about to.</summary>
    public void EndDeciding() => IsOver = true;

    private MigrationDecision Take(MigrationDecision decision)
    {
        if (decision.Status == MigrationDecisionStatus.Done)
        {
            IsOver = decision.Action is MigrationAction.PostCopy or MigrationAction.Abort;
            _maxDowntime = decision.MaxDowntime ?? _maxDowntime;
        }

        return decision;
    }

    private bool SwitchesItself(PolicyIteration iteration)
    {
        _fitting = iteration.Number > 1 && iteration.ImpliedDowntime <= _maxDowntime ? _fitting + 1 : 0;
        return _fitting is > 0 and <= IterationsToSwitch;
    }
}

/// <summary>What holds for one migration, whatever its policy says.</summary>
/// <param name="CanPostCopy">Whether the migration was started so that it can switch to post-copy.</param>
/// <param name="GivenMaxDowntime">The downtime that the user allowed, before which the policy's own limits give way; null for none.</param>
/// <param name="Timeout">The time that the migration may take; null for any.</param>
internal sealed record PolicyConditions(bool CanPostCopy, TimeSpan? GivenMaxDowntime = null, TimeSpan? Timeout = null);

/// <summary>One iteration over the guest's memory at its start, as the deciding parts of a policy see it.</summary>
/// <param name="Elapsed">Time since the migration began.</param>
/// <param name="Number">The iteration's number, from 1.</param>
/// <param name="Remaining">Bytes that the iteration has to move.</param>
/// <param name="Rate">The smoothed rate in bytes per second; null before anything has moved.</param>
/// <param name="ImpliedDowntime">The downtime that moving what remains at once would take; null while the rate is not known.</param>
/// <param name="MaxDowntime">The downtime that is allowed now.</param>
internal sealed record PolicyIteration(
    TimeSpan Elapsed, long Number, long Remaining, long? Rate, TimeSpan? ImpliedDowntime, TimeSpan MaxDowntime)
{
    /// <summary>The implied downtime and the one that is allowed: <c>implied downtime 1,870 ms > 500 ms</c>.</summary>
    public string Comparison => ImpliedDowntime is { } implied
        ? $"implied downtime {PolicyWording.Milliseconds(implied)} {(implied > MaxDowntime ? ">" : "≤")} {PolicyWording.Milliseconds(MaxDowntime)}"
        : "implied downtime not known yet";

    /// <summary>Makes a decision with this iteration's numbers.</summary>
    public MigrationDecision Decide(MigrationAction action, string reason, TimeSpan? maxDowntime = null,
        MigrationDecisionStatus status = MigrationDecisionStatus.Done) => new()
        {
            Elapsed = Elapsed,
            Iteration = Number,
            Action = action,
            Status = status,
            Reason = reason,
            MaxDowntime = maxDowntime,
            ImpliedDowntime = ImpliedDowntime,
            Remaining = Remaining,
            Rate = Rate,
        };

    /// <summary>Makes the decision to go on as it is.</summary>
    public MigrationDecision GoOn(string reason) => Decide(MigrationAction.Continue, reason);
}

/// <summary>Decides what is done when the time of a migration is up.</summary>
internal static class TimeoutRule
{
    /// <summary>Decides.</summary>
    public static MigrationDecision Decide(
        TimeoutAction action, TimeSpan timeout, TimeSpan elapsed, bool canPostCopy, bool isPostCopy, bool isSuspended)
    {
        var up = $"the timeout of {PolicyWording.Seconds(timeout)} has expired";
        var (decided, status, reason) = action switch
        {
            _ when isPostCopy => (Action(action), MigrationDecisionStatus.Skipped, $"{up}, but the guest is in post-copy, which can't be taken back"),
            TimeoutAction.PostCopy when !canPostCopy => (MigrationAction.PostCopy, MigrationDecisionStatus.Skipped,
                $"{up}, but post-copy is not possible, since the migration was started without it"),
            TimeoutAction.PostCopy => (MigrationAction.PostCopy, MigrationDecisionStatus.Done, $"{up}: switch to post-copy"),
            TimeoutAction.Suspend when isSuspended => (MigrationAction.Suspend, MigrationDecisionStatus.Skipped,
                $"{up}, but the guest is suspended already"),
            TimeoutAction.Suspend => (MigrationAction.Suspend, MigrationDecisionStatus.Done, $"{up}: suspend the guest until its memory has moved"),
            _ => (MigrationAction.Abort, MigrationDecisionStatus.Done, $"{up}: abort"),
        };
        return new() { Elapsed = elapsed, Action = decided, Status = status, Reason = reason };
    }

    private static MigrationAction Action(TimeoutAction action) => action switch
    {
        TimeoutAction.PostCopy => MigrationAction.PostCopy,
        TimeoutAction.Suspend => MigrationAction.Suspend,
        _ => MigrationAction.Abort,
    };
}

/// <summary>Smooths the rate of a move: an exponentially weighted moving average.</summary>
internal sealed class RateAverage(double weight)
{
    private double _rate;

    /// <summary>The smoothed rate in bytes per second; null before the first.</summary>
    public double? BytesPerSecond => _rate > 0 ? _rate : null;

    /// <summary>Takes a rate in.</summary>
    public void Add(long? bytesPerSecond)
    {
        if (bytesPerSecond is > 0 and { } rate)
        {
            _rate = _rate > 0 ? (weight * rate) + ((1 - weight) * _rate) : rate;
        }
    }

    /// <summary>The time that data takes at the smoothed rate.</summary>
    public TimeSpan? TimeFor(long bytes) => BytesPerSecond is { } rate ? TimeSpan.FromSeconds(Math.Min(bytes / rate, 1e9)) : null;
}
