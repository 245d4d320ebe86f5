namespace VirtMigrate.Jobs;

/// <summary>
/// What a migration reported while it ran. It stays small however long that is: when it is full, every other moment is dropped, and
/// from then on moments are kept half as often.
/// </summary>
internal sealed class ProgressTrail
{
    private const int Capacity = 240;

    private readonly object _lock = new();
    private readonly List<MigrationSample> _samples = [];
    private TimeSpan _interval;

    /// <summary>The moments until now.</summary>
    public IReadOnlyList<MigrationSample> Samples
    {
        get
        {
            lock (_lock)
            {
                return [.. _samples];
            }
        }
    }

    /// <summary>Keeps a report, if it tells what crossed and is not too close to the last.</summary>
    /// <param name="progress">The report.</param>
    public void Add(MigrationProgress progress)
    {
        if (progress is not { Transferred: { } transferred, Remaining: { } remaining })
        {
            return;
        }

        lock (_lock)
        {
            if (_samples.Count > 0 && progress.Elapsed - _samples[^1].Elapsed <= _interval)
            {
                return;
            }

            if (_samples.Count == Capacity)
            {
                _interval = (_samples[^1].Elapsed - _samples[0].Elapsed) * 2 / Capacity;
                var kept = _samples.Where((_, i) => i % 2 == 0).ToArray();
                _samples.Clear();
                _samples.AddRange(kept);
            }

            _samples.Add(new()
            {
                Elapsed = progress.Elapsed,
                Iteration = progress.Iteration,
                Remaining = remaining,
                Transferred = transferred,
                Rate = progress.Rate,
                ImpliedDowntime = progress.ImpliedDowntime,
            });
        }
    }
}
