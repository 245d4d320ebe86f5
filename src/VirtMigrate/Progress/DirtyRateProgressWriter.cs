using System.Diagnostics;
using System.Management.Automation;

namespace VirtMigrate.Progress;

/// <summary>Writes, once a second, how many of several VMs have been measured and how long the others take.</summary>
internal sealed class DirtyRateProgressWriter : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly int _id = ProgressActivity.NextId();
    private readonly object _lock = new();
    private readonly Action<ProgressRecord> _write;
    private readonly string _activity;
    private readonly DirtyRateProgress[] _vms;
    private readonly int _total;
    private readonly Timer _timer;
    private int _percent;
    private bool _hasEnded;

    /// <summary>Begins to write.</summary>
    /// <param name="vms">The VMs' names.</param>
    /// <param name="periods">How long the readings of each VM take, in seconds.</param>
    /// <param name="write">Takes the records; called from any thread.</param>
    public DirtyRateProgressWriter(IReadOnlyList<string> vms, IReadOnlyList<int> periods, Action<ProgressRecord> write)
    {
        _write = write;
        _activity = vms.Count == 1 ? $"Measuring the dirty rate of '{vms[0]}'" : FormattableString.Invariant($"Measuring the dirty rates of {vms.Count} VMs");
        _vms = [.. vms.Select(_ => new DirtyRateProgress(periods))];
        _total = Math.Max(1, periods.Sum());
        _timer = new(_ => Write(ProgressRecordType.Processing), null, vms.Count == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, Interval);
    }

    /// <summary>The progress of one VM.</summary>
    /// <param name="index">The VM's number.</param>
    /// <returns>Takes the VM's readings.</returns>
    public DirtyRateProgress Of(int index) => _vms[index];

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        Write(ProgressRecordType.Completed);
    }

    private void Write(ProgressRecordType type)
    {
        lock (_lock)
        {
            // The timer's last call may come after the end.
            if (_hasEnded || _vms.Length == 0)
            {
                return;
            }

            _hasEnded = type == ProgressRecordType.Completed;
            var left = _vms.Max(vm => vm.SecondsLeft);

            // A reading that had to wait for somebody else's sets the time that is left back, not the bar.
            _percent = Math.Max(_percent, (int)(100 * (1 - (left / _total))));
            _write(new(_id, _activity, FormattableString.Invariant($"{_vms.Count(vm => vm.HasEnded)} of {_vms.Length} done"))
            {
                PercentComplete = _percent,
                SecondsRemaining = (int)Math.Ceiling(left),
                RecordType = type,
            });
        }
    }
}

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
