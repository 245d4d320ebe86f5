using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// Lets a migration go on while it gets anywhere. At a stall it waits for a local minimum of the remaining data and takes the
/// cheapest step that fits: a longer standstill within the limits, else post-copy, else suspending the guest, else giving up.
/// A step that does not lead to the switch-over in time is followed by the next.
/// </summary>
/// <param name="settings">The windows, margins and limits.</param>
/// <param name="conditions">What holds for the migration.</param>
internal sealed class StallDetector(MigrationStallDetection settings, PolicyConditions conditions)
{
    private readonly StallHistory _history = new(settings);
    private readonly HashSet<MigrationAction> _spent = [];
    private MigrationAction? _step;
    private TimeSpan _deadline;

    private TimeSpan MaxDowntime => conditions.GivenMaxDowntime ?? settings.MaxDowntime;

    /// <summary>Takes a pass in, whatever is decided about it.</summary>
    /// <param name="pass">The pass.</param>
    public void See(PassView pass) => _history.Add(pass.Elapsed, pass.Remaining);

    /// <summary>Decides at the begin of a pass that has been taken in.</summary>
    /// <param name="pass">The pass.</param>
    /// <returns>The decision.</returns>
    public MigrationDecision Decide(PassView pass)
    {
        var remaining = PolicyWording.Size(pass.Remaining);
        if (_step is { } step)
        {
            return pass.GoOn($"{remaining} remaining; the switch-over has {PolicyWording.Seconds(_deadline - pass.Elapsed)} left after {Describe(step)}");
        }

        if (!_history.IsStalled)
        {
            return pass.GoOn(_history.ProgressBelow is { } limit
                ? $"{remaining} remaining < {PolicyWording.Size(limit)}, the least of more than {PolicyWording.Seconds(settings.Window)} ago less {PolicyWording.Factor(settings.Threshold * 100)} %"
                : $"{remaining} remaining; younger than the window of {PolicyWording.Seconds(settings.Window)}");
        }

        if (pass.Remaining > _history.Target)
        {
            return pass.GoOn($"stalled; {remaining} remaining > {PolicyWording.Size(_history.Target.Value)}: no local minimum");
        }

        return pass.ImpliedDowntime is { } implied
            ? Choose(pass, implied)
            : pass.GoOn("stalled, but the rate of the move is not known yet");
    }

    /// <summary>Looks at the time between passes.</summary>
    /// <param name="elapsed">Time since the migration began.</param>
    /// <returns>The next step where the last one took too long; else null.</returns>
    public MigrationDecision? Tick(TimeSpan elapsed)
    {
        if (_step is not { } step || elapsed < _deadline)
        {
            return null;
        }

        _step = null;
        var pass = new PassView(elapsed, 0, 0, null, null, MaxDowntime);
        var late = $"no switch-over within {PolicyWording.Seconds(settings.SwitchoverDeadline)} of {Describe(step)}";
        return Escalate(pass, late) with { Iteration = null, Remaining = null };
    }

    /// <summary>Takes note that libvirt refused a step.</summary>
    /// <param name="action">The step.</param>
    public void Refuse(MigrationAction action)
    {
        _spent.Add(action);
        if (_step == action)
        {
            _step = null;
        }
    }

    private static string Describe(MigrationAction step) =>
        step == MigrationAction.Suspend ? "suspending the guest" : "raising the limit";

    private MigrationDecision Choose(PassView pass, TimeSpan implied)
    {
        var said = $"implied downtime {PolicyWording.Milliseconds(implied)}";
        var limit = PolicyWording.Milliseconds(MaxDowntime);
        var factor = PolicyWording.Factor(settings.DowntimeFactor);
        if (implied > MaxDowntime * settings.DowntimeFactor)
        {
            return Escalate(pass, $"{said} > {factor} × {limit}");
        }

        if (_spent.Contains(MigrationAction.SetMaxDowntime))
        {
            return Escalate(pass, said);
        }

        return Take(pass, MigrationAction.SetMaxDowntime, MaxDowntime,
            implied <= MaxDowntime ? $"{said} ≤ {limit}: allow {limit}" : $"{said} ≤ {factor} × {limit}: allow {limit}");
    }

    private MigrationDecision Escalate(PassView pass, string why)
    {
        if (settings.AllowPostCopy && conditions.CanPostCopy && !_spent.Contains(MigrationAction.PostCopy))
        {
            return Take(pass, MigrationAction.PostCopy, null, $"{why}: switch to post-copy");
        }

        var fits = conditions.Timeout is not { } timeout || pass.ImpliedDowntime is not { } implied || pass.Elapsed + implied <= timeout;
        if (settings.AllowSuspend && fits && !_spent.Contains(MigrationAction.Suspend))
        {
            return Take(pass, MigrationAction.Suspend, null, $"{why}: suspend the guest until its memory has moved");
        }

        return pass.Decide(MigrationAction.Abort, $"{why}: give up");
    }

    private MigrationDecision Take(PassView pass, MigrationAction action, TimeSpan? maxDowntime, string reason)
    {
        _spent.Add(action);
        _step = action;
        _deadline = action == MigrationAction.PostCopy ? TimeSpan.MaxValue : pass.Elapsed + settings.SwitchoverDeadline;
        return pass.Decide(action, reason, maxDowntime);
    }
}
