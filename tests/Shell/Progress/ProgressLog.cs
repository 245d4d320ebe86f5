using System.Diagnostics;
using System.Management.Automation;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Progress;

/// <summary>Progress as lines of a log: an activity's first news at once, then at most one line in some seconds.</summary>
internal sealed class ProgressLog(Screen screen) : IProgressDisplay
{
    private const int MaxWidth = 200;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly Dictionary<(long Source, int Id), long> _writtenAt = [];

    public void Update(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            var key = (sourceId, record.ActivityId);
            if (record.RecordType is ProgressRecordType.Completed)
            {
                _writtenAt.Remove(key);
                return;
            }

            if (_writtenAt.TryGetValue(key, out var before) && Stopwatch.GetElapsedTime(before) < Period)
            {
                return;
            }

            _writtenAt[key] = Stopwatch.GetTimestamp();
            var line = ProgressLine.Format(ProgressActivity.From(sourceId, record), depth: 0, MaxWidth);
            screen.Write($"PROGRESS: {line}{Environment.NewLine}");
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _writtenAt.Clear();
        }
    }

    public void Dispose()
    {
    }
}
