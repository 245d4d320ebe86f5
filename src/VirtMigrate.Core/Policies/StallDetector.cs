namespace VirtMigrate.Policies;

/// <summary>
/// Lets a migration go on while it gets anywhere. At a stall it waits for a local minimum of the remaining data and takes the
/// cheapest step that fits: a longer downtime within the limits, else post-copy, else suspending the guest, else aborting it.
/// A step that does not lead to the switchover in time is followed by the next.
/// </summary>
internal sealed class StallDetector(MigrationStallDetection settings, PolicyConditions conditions)
{
    private readonly StallHistory _history = new(settings);
    private readonly HashSet<MigrationAction> _spent = [];
    private MigrationAction? _step;
    private TimeSpan _deadline;

    private TimeSpan MaxDowntime => conditions.GivenMaxDowntime ?? settings.MaxDowntime;

    /// <summary>Takes an iteration in, whatever is decided about it.</summary>
    public void See(PolicyIteration iteration) => _history.Add(iteration.Elapsed, iteration.Remaining);

    /// <summary>Decides at the start of an iteration that has been taken in.</summary>
    public MigrationDecision Decide(PolicyIteration iteration)
    {
        var remaining = PolicyWording.Size(iteration.Remaining);
        if (_step is { } step)
        {
            return iteration.GoOn($"{remaining} remaining; the switchover has {PolicyWording.Seconds(_deadline - iteration.Elapsed)} left after {Describe(step)}");
        }

        if (!_history.IsStalled)
        {
            return iteration.GoOn(_history.ProgressBelow is { } limit
                ? $"{remaining} remaining < {PolicyWording.Size(limit)}, {PolicyWording.Factor(settings.Threshold * 100)} % below the minimum before the last {PolicyWording.Seconds(settings.Window)}"
                : $"{remaining} remaining; the window of {PolicyWording.Seconds(settings.Window)} has not passed yet");
        }

        if (iteration.Remaining > _history.Target)
        {
            return iteration.GoOn($"stalled; {remaining} remaining > {PolicyWording.Size(_history.Target.Value)}: no local minimum");
        }

        return iteration.ImpliedDowntime is { } implied
            ? Choose(iteration, implied)
            : iteration.GoOn("stalled, but the transfer rate is not known yet");
    }

    /// <summary>Looks at the time between iterations.</summary>
    public MigrationDecision? Tick(TimeSpan elapsed)
    {
        if (_step is not { } step || elapsed < _deadline)
        {
            return null;
        }

        _step = null;
        var iteration = new PolicyIteration(elapsed, 0, 0, null, null, MaxDowntime);
        var late = $"no switchover within {PolicyWording.Seconds(settings.SwitchoverDeadline)} of {Describe(step)}";
        return Escalate(iteration, late) with { Iteration = null, Remaining = null };
    }

    /// <summary>Takes note that libvirt refused a step.</summary>
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

    private MigrationDecision Choose(PolicyIteration iteration, TimeSpan implied)
    {
        var said = $"implied downtime {PolicyWording.Milliseconds(implied)}";
        var limit = PolicyWording.Milliseconds(MaxDowntime);
        var factor = PolicyWording.Factor(settings.DowntimeFactor);
        if (implied > MaxDowntime * settings.DowntimeFactor)
        {
            return Escalate(iteration, $"{said} > {factor} × {limit}");
        }

        if (_spent.Contains(MigrationAction.SetMaxDowntime))
        {
            return Escalate(iteration, said);
        }

        return Take(iteration, MigrationAction.SetMaxDowntime, MaxDowntime,
            implied <= MaxDowntime ? $"{said} ≤ {limit}: allow {limit}" : $"{said} ≤ {factor} × {limit}: allow {limit}");
    }

    private MigrationDecision Escalate(PolicyIteration iteration, string why)
    {
        if (settings.AllowPostCopy && conditions.CanPostCopy && !_spent.Contains(MigrationAction.PostCopy))
        {
            return Take(iteration, MigrationAction.PostCopy, null, $"{why}: switch to post-copy");
        }

        var fits = conditions.Timeout is not { } timeout || iteration.ImpliedDowntime is not { } implied || iteration.Elapsed + implied <= timeout;
        if (settings.AllowSuspend && fits && !_spent.Contains(MigrationAction.Suspend))
        {
            return Take(iteration, MigrationAction.Suspend, null, $"{why}: suspend the guest until its memory has moved");
        }

        return iteration.Decide(MigrationAction.Abort, $"{why}: abort");
    }

    private MigrationDecision Take(PolicyIteration iteration, MigrationAction action, TimeSpan? maxDowntime, string reason)
    {
        _spent.Add(action);
        _step = action;
        _deadline = action == MigrationAction.PostCopy ? TimeSpan.MaxValue : iteration.Elapsed + settings.SwitchoverDeadline;
        return iteration.Decide(action, reason, maxDowntime);
    }
}

/// <summary>
/// Remembers how much remained at the start of each iteration, tells when no new minimum comes, and what a local minimum is
/// from then on.
/// </summary>
internal sealed class StallHistory(MigrationStallDetection settings)
{
    // Falling minima that are still younger than the window, oldest first.
    private readonly Queue<(TimeSpan Elapsed, long Remaining)> _recent = [];
    private readonly PriorityQueue<long, long> _sinceStall = new();
    private long? _newest;
    private TimeSpan _window;
    private TimeSpan _windowEnd;

    /// <summary>The least that remained before the window; null while everything is younger.</summary>
    public long? OldMinimum { get; private set; }

    /// <summary>The least that is expected to remain again; null before the stall.</summary>
    public long? Best { get; private set; }

    /// <summary>Whether the migration has stalled. Once it has, it stays so.</summary>
    public bool IsStalled => Best is not null;

    /// <summary>The most that may remain at a local minimum; null before the stall.</summary>
    public double? Target => Best * (1 + settings.MinimumTolerance);

    /// <summary>Below this the remaining data counts as progress; null while everything is younger than the window.</summary>
    public double? ProgressBelow => OldMinimum * (1 - settings.Threshold);

    /// <summary>Takes an iteration in.</summary>
    public void Add(TimeSpan elapsed, long remaining)
    {
        while (_recent.TryPeek(out var oldest) && elapsed - oldest.Elapsed >= settings.Window)
        {
            _recent.Dequeue();
            OldMinimum = Math.Min(OldMinimum ?? long.MaxValue, oldest.Remaining);
        }

        if (remaining < (_newest ?? long.MaxValue))
        {
            _newest = remaining;
            _recent.Enqueue((elapsed, remaining));
        }

        if (IsStalled)
        {
            Relax(elapsed, remaining);
        }
        else if (remaining >= ProgressBelow)
        {
            Best = _newest;
            _window = settings.Window;
            _windowEnd = elapsed + _window;
        }
    }

    // A minimum that does not come again within the window gives way to the least that was seen since the stall.
    private void Relax(TimeSpan elapsed, long remaining)
    {
        _sinceStall.Enqueue(remaining, remaining);
        if (elapsed >= _windowEnd)
        {
            Best = Math.Max(Best!.Value, _sinceStall.Dequeue());
            _window *= settings.WindowDecay;
            _windowEnd = elapsed + _window;
        }
    }
}
