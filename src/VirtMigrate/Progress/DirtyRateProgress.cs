using System.Diagnostics;

namespace VirtMigrate.Progress;

/// <summary>How far one VM's readings are.</summary>
/// <param name="periods">How long each of them takes, in seconds.</param>
internal sealed class DirtyRateProgress(IReadOnlyList<int> periods) : IProgress<DirtyRateReading>
{
    private readonly object _lock = new();
    private int _done;
    private long _begin = Stopwatch.GetTimestamp();

    /// <summary>Whether nothing more will come of this VM.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The seconds that are left: the rest of the reading under way, and those to come.</summary>
    public double SecondsLeft
    {
        get
        {
            lock (_lock)
            {
                return HasEnded || _done == periods.Count
                    ? 0
                    : Math.Max(0, periods[_done] - Stopwatch.GetElapsedTime(_begin).TotalSeconds) + periods.Skip(_done + 1).Sum();
            }
        }
    }

    /// <summary>A reading has been taken.</summary>
    /// <param name="value">The reading.</param>
    public void Report(DirtyRateReading value)
    {
        lock (_lock)
        {
            _done++;
            _begin = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The VM is measured, or can't be.</summary>
    public void End()
    {
        lock (_lock)
        {
            HasEnded = true;
        }
    }
}
