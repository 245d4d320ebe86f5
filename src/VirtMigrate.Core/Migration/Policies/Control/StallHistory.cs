namespace VirtMigrate.Migration.Policies;

/// <summary>
/// Remembers how much remained at the begin of each pass, tells when no new minimum comes any more, and what a local minimum is
/// from then on.
/// </summary>
/// <param name="settings">The windows and margins.</param>
internal sealed class StallHistory(MigrationStallDetection settings)
{
    // Falling minima that are still younger than the window, oldest first.
    private readonly Queue<(TimeSpan Elapsed, long Remaining)> _recent = [];
    private readonly PriorityQueue<long, long> _sinceStall = new();
    private long? _newest;
    private TimeSpan _patience;
    private TimeSpan _patienceEnd;

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

    /// <summary>Takes a pass in.</summary>
    /// <param name="elapsed">When it began.</param>
    /// <param name="remaining">What it has to move.</param>
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
            _patience = settings.Window;
            _patienceEnd = elapsed + _patience;
        }
    }

    // A minimum that does not come again within the patience gives way to the least that was seen since the stall.
    private void Relax(TimeSpan elapsed, long remaining)
    {
        _sinceStall.Enqueue(remaining, remaining);
        if (elapsed >= _patienceEnd)
        {
            Best = Math.Max(Best!.Value, _sinceStall.Dequeue());
            _patience *= settings.PatienceDecay;
            _patienceEnd = elapsed + _patience;
        }
    }
}
