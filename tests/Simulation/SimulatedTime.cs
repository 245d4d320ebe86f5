namespace VirtMigrate.Simulation;

/// <summary>
/// The clock and the only thread of a simulated world. Whatever happens is an item of one queue; of those that are due at the same moment the
/// seed chooses. Time jumps from one item to the next.
/// </summary>
/// <param name="random">What chooses.</param>
internal sealed class SimulatedTime(SimulatedRandom random) : TimeProvider
{
    public static readonly TimeSpan Forever = TimeSpan.FromDays(1000);

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private Entry[] _heap = new Entry[64];
    private int _count;
    private uint _sequence;
    private long _now;
    private long _wallStep;

    /// <summary>Time since the world began.</summary>
    public TimeSpan Now => new(_now);

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>What left the simulator's thread; null where nothing did.</summary>
    public string? ThreadDefect { get; private set; }

    /// <summary>Is called after every step.</summary>
    public Action? AfterStep { get; set; }

    public long Steps { get; private set; }

    // A timestamp of zero would hide what was never set.
    public override long GetTimestamp() => _now + TimeSpan.TicksPerHour;

    public override DateTimeOffset GetUtcNow() => Epoch.AddTicks(_now + _wallStep);

    /// <summary>Sets the wall clock, which no duration may be taken from.</summary>
    public void StepWallClock(TimeSpan step) => _wallStep += step.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        CheckThread("CreateTimer");
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Schedule(TimeSpan delay, Action action) => Push(delay, static s => ((Action)s!)(), action);

    public void Schedule(TimeSpan delay, Action<object?> action, object? state) => Push(delay, action, state);

    /// <summary>Waits on the simulator's thread, which Task.Delay leaves.</summary>
    public async Task DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var elapsed = new TaskCompletionSource();
        Schedule(delay, () => elapsed.TrySetResult());
        using var cancelling = cancellationToken.UnsafeRegister(static (e, token) => ((TaskCompletionSource)e!).TrySetCanceled(token), elapsed);
        await elapsed.Task.ConfigureAwait(false);
    }

    /// <summary>Fails where the caller is not on the simulator's thread, and remembers it as a defect of the run.</summary>
    /// <param name="what">What was called.</param>
    public void CheckThread(string what)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            ThreadDefect ??= $"{what} was called from a thread other than the simulator's.";
            throw new InvalidOperationException(ThreadDefect);
        }
    }

    /// <summary>Lets the world go on.</summary>
    /// <param name="until">Ends it when true; asked after each step.</param>
    /// <param name="atMost">The longest that it may take on the simulated clock.</param>
    /// <returns>Whether the end was reached; else the time ran out, or nothing is left to happen.</returns>
    public bool Run(Func<bool> until, TimeSpan atMost)
    {
        var limit = _now + atMost.Ticks;
        while (!until())
        {
            if (ThreadDefect is not null || !Step(limit))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Lets the world go on until nothing is left to happen.</summary>
    /// <returns>Whether it became quiet in time.</returns>
    public bool RunUntilQuiet(TimeSpan atMost)
    {
        Run(static () => false, atMost);
        return _count == 0;
    }

    private bool Step(long limit)
    {
        if (_count == 0)
        {
            return false;
        }

        if (_heap[0].Due > limit)
        {
            _now = limit;
            return false;
        }

        var item = Pop();
        if (item.Timer is { } timer)
        {
            if (timer.Version != item.TimerVersion)
            {
                return true;
            }

            _now = item.Due;
            Steps++;
            timer.Fire();
        }
        else
        {
            _now = item.Due;
            Steps++;
            item.Action!(item.State);
        }

        AfterStep?.Invoke();
        return true;
    }

    private void Push(TimeSpan delay, Action<object?>? action, object? state, Timer? timer = null, int version = 0)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, _count * 2);
        }

        var due = _now + Math.Max(0, delay.Ticks);
        var entry = new Entry(due, ((random.NextUInt64() >> 32) << 32) | _sequence++, action, state, timer, version);
        var i = _count++;
        while (i > 0 && entry.IsBefore(_heap[(i - 1) / 2]))
        {
            _heap[i] = _heap[(i - 1) / 2];
            i = (i - 1) / 2;
        }

        _heap[i] = entry;
    }

    private Entry Pop()
    {
        var first = _heap[0];
        var last = _heap[--_count];
        _heap[_count] = default;
        var i = 0;
        while ((2 * i) + 1 < _count)
        {
            var child = (2 * i) + 1;
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child]))
            {
                child++;
            }

            if (!_heap[child].IsBefore(last))
            {
                break;
            }

            _heap[i] = _heap[child];
            i = child;
        }

        _heap[i] = last;
        return first;
    }

    private readonly record struct Entry(long Due, ulong Order, Action<object?>? Action, object? State, Timer? Timer, int TimerVersion)
    {
        public bool IsBefore(in Entry other) => Due < other.Due || (Due == other.Due && Order < other.Order);
    }

    private sealed class Timer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        // An entry of a former due time stays in the queue and is passed over.
        public int Version { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.CheckThread("ITimer.Change");
            Version++;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                time.Push(dueTime, null, null, this, Version);
            }

            return true;
        }

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
            {
                time.Push(_period, null, null, this, Version);
            }

            callback(state);
        }

        public void Dispose()
        {
            Version++;
            GC.SuppressFinalize(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
