using System.Management.Automation;

namespace VirtMigrate.Progress;

/// <summary>Writes, once a second, how many of several VMs have been measured and how long the rest takes.</summary>
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
        _activity = vms.Count == 1 ? $"Measuring the dirty rate of '{vms[0]}'" : $"Measuring the dirty rates of {vms.Count} VMs";
        _vms = [.. vms.Select(_ => new DirtyRateProgress(periods))];
        _total = Math.Max(1, periods.Sum());
        _timer = new(_ => Write(ProgressRecordType.Processing), null, vms.Count == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, Interval);
    }

    /// <summary>Tells how far one VM is.</summary>
    /// <param name="index">The VM's number.</param>
    /// <returns>What to tell it to.</returns>
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
            _write(new(_id, _activity, $"{_vms.Count(vm => vm.HasEnded)} of {_vms.Length} done")
            {
                PercentComplete = _percent,
                SecondsRemaining = (int)Math.Ceiling(left),
                RecordType = type,
            });
        }
    }
}
