using VirtMigrate.Estimation;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// Decides over one migration by its policy. It has neither a clock nor a host: samples and times go in, decisions come out, and
/// whoever carries them out says which of them were refused.
/// </summary>
internal sealed class PolicyController
{
    // What fits the limit is switched over by QEMU itself, which says so by one more pass, or two where it changes its mind.
    // After that its own reckoning of the rate must differ from ours.
    private const int PassesToSwitch = 2;

    private readonly RateAverage _rate;
    private readonly StepSchedule? _schedule;
    private readonly StallDetector? _stall;
    private TimeSpan _maxDowntime;
    private int _fitting;

    /// <summary>Makes a controller.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="conditions">What holds for the migration.</param>
    /// <param name="maxDowntime">The standstill that is allowed at the begin.</param>
    public PolicyController(MigrationPolicy policy, PolicyConditions conditions, TimeSpan maxDowntime)
    {
        _maxDowntime = maxDowntime;
        _rate = new((policy.StallDetection ?? new()).RateSmoothing);
        _schedule = policy.Steps.Count > 0 ? new(policy.Steps, conditions) : null;
        _stall = policy.StallDetection is { } settings ? new(settings, conditions) : null;
    }

    /// <summary>Whether nothing is left to decide: the switch-over has begun, or the migration was given up.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Takes in the state of the migration between the begins of passes. Leads to no decision.</summary>
    /// <param name="sample">The state.</param>
    public void Observe(MigrationSample sample) => _rate.Add(sample.Rate);

    /// <summary>Decides at the begin of a pass over the guest's memory.</summary>
    /// <param name="sample">The state of the migration.</param>
    /// <returns>The decisions, to be carried out in order.</returns>
    public IReadOnlyList<MigrationDecision> DecideAt(MigrationSample sample)
    {
        // Nothing has moved when the first pass begins.
        if (sample.Iteration > 1)
        {
            _rate.Add(sample.Rate);
        }

        if (IsOver || (_schedule is null && _stall is null))
        {
            return [];
        }

        var pass = new PassView(sample.Elapsed, sample.Iteration ?? 0, sample.Remaining, (long?)_rate.BytesPerSecond,
            _rate.TimeFor(sample.Remaining), _maxDowntime);
        _stall?.See(pass);
        if (SwitchesItself(pass))
        {
            return [pass.GoOn($"{pass.Comparison}: QEMU switches over")];
        }

        var decisions = new List<MigrationDecision>();
        foreach (var decision in new[] { _schedule?.Decide(pass), _stall?.Decide(pass) }.OfType<MigrationDecision>())
        {
            if (!IsOver)
            {
                decisions.Add(Take(decision));
            }
        }

        return decisions;
    }

    /// <summary>Decides when a time is up.</summary>
    /// <param name="elapsed">Time since the migration began.</param>
    /// <returns>The decision; null while there is none.</returns>
    public MigrationDecision? Tick(TimeSpan elapsed) => IsOver || _stall?.Tick(elapsed) is not { } decision ? null : Take(decision);

    /// <summary>Takes note that libvirt refused a decision; the next one takes another way.</summary>
    /// <param name="decision">The decision.</param>
    public void Refuse(MigrationDecision decision)
    {
        IsOver = IsOver && decision.Action is not (MigrationAction.PostCopy or MigrationAction.Abort);
        _schedule?.Refuse(decision.Action);
        _stall?.Refuse(decision.Action);
    }

    /// <summary>Takes note that somebody else has set the standstill that is allowed.</summary>
    /// <param name="limit">The limit.</param>
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

    private bool SwitchesItself(PassView pass)
    {
        _fitting = pass.Iteration > 1 && pass.ImpliedDowntime <= _maxDowntime ? _fitting + 1 : 0;
        return _fitting is > 0 and <= PassesToSwitch;
    }
}
