namespace VirtMigrate.Tests.DirtyRates;

/// <summary>A clock on which nobody waits: whoever wants to sleep is woken at once, and it is later then.</summary>
internal sealed class QuickClock : TimeProvider
{
    private long _ticks;

    /// <summary>The time since the begin.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(_ticks);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _ticks += dueTime.Ticks;
        callback(state);
        return new Woken();
    }

    private sealed class Woken : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
