using System.Management.Automation;

namespace VirtMigrate.Progress;

/// <summary>Writes how many of several migrations are done, under way and waiting.</summary>
/// <param name="count">How many there are.</param>
/// <param name="write">Takes the records; called from any thread.</param>
internal sealed class BatchProgressWriter(int count, Action<ProgressRecord> write)
{
    private readonly object _lock = new();
    private int _begun;
    private int _done;
    private int _running;

    /// <summary>The number of the bar.</summary>
    public int Id { get; } = ProgressActivity.NextId();

    /// <summary>One migration begins.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _begun++;
            _running++;
            Write();
        }
    }

    /// <summary>One migration has ended.</summary>
    /// <param name="hadBegun">Whether it had begun before.</param>
    public void End(bool hadBegun)
    {
        lock (_lock)
        {
            _done++;
            _running -= hadBegun ? 1 : 0;
            _begun += hadBegun ? 0 : 1;
            Write();
        }
    }

    private void Write() => write(new ProgressRecord(Id, $"Migrating {count} VMs", $"{_done} done, {_running} under way, {count - _begun} waiting")
    {
        PercentComplete = (int)(100L * _done / count),
        RecordType = _done == count ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });
}
