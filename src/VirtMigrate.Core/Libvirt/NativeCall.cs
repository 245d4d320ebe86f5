using System.Collections.Concurrent;
using VirtMigrate.Hosts;

namespace VirtMigrate.Libvirt;

/// <summary>A call into libvirt, which can't be cancelled: one that is past its deadline is abandoned, and goes on unheard.</summary>
internal abstract class NativeCall
{
    private const int Waiting = 0;
    private const int Begun = 1;
    private const int Ended = 2;
    private const int Abandoned = 3;

    private static readonly ConcurrentDictionary<string, int> Outstanding = new(StringComparer.Ordinal);
    private int _state;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsAbandoned => Volatile.Read(ref _state) == Abandoned;

    /// <summary>How many calls to a host are past their deadline and have not returned.</summary>
    public static int CountAbandoned(HostAddress address) => Outstanding.GetValueOrDefault(address.Uri);

    /// <summary>Runs a call on a thread of its own.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="address">The host.</param>
    /// <param name="work">The call. It is told of itself, to ask before each step whether anybody still waits.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="time">What tells the time.</param>
    /// <param name="returned">Runs on the call's thread when it has returned, before its result is known; is told whether it was abandoned.</param>
    /// <param name="abandoned">Runs when it is abandoned, before that is known.</param>
    /// <param name="isBounded">Whether it is refused while too many calls to the host are abandoned.</param>
    /// <returns>The call, whose task ends with it or at its deadline.</returns>
    /// <exception cref="HostTimeoutException">The host owes too many answers.</exception>
    public static NativeCall<T> Start<T>(
        HostAddress address,
        Func<NativeCall, T> work,
        TimeSpan deadline,
        TimeProvider time,
        Action<bool>? returned = null,
        Action? abandoned = null,
        bool isBounded = true)
    {
        if (isBounded && CountAbandoned(address) is var count && count >= HostDeadlines.MostAbandoned)
        {
            throw new HostTimeoutException(address, deadline, count) { Host = address };
        }

        var call = new NativeCall<T>(address, deadline, abandoned);
        call.Run(work, returned, time);
        return call;
    }

    /// <summary>Goes on only if somebody still waits.</summary>
    /// <exception cref="OperationCanceledException">Nobody does.</exception>
    public void ThrowIfAbandoned()
    {
        if (IsAbandoned)
        {
            throw new OperationCanceledException("The call is past its deadline.");
        }
    }

    /// <summary>Begins what can't be taken back, unless the call was abandoned before: from here on it has no deadline.</summary>
    /// <exception cref="OperationCanceledException">It was abandoned.</exception>
    public void Begin()
    {
        if (Interlocked.CompareExchange(ref _state, Begun, Waiting) != Waiting)
        {
            ThrowIfAbandoned();
        }
    }

    /// <summary>Abandons the call, unless it has begun or returned; whether it did.</summary>
    protected bool TryAbandon(HostAddress address)
    {
        // Counted first, so that the call that returns at this moment finds itself counted.
        Outstanding.AddOrUpdate(address.Uri, 1, (_, n) => n + 1);
        if (Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting)
        {
            return true;
        }

        Forget(address);
        return false;
    }

    /// <summary>Notes that the call has returned; whether somebody waits for it.</summary>
    protected bool TryEnd() => Interlocked.CompareExchange(ref _state, Ended, Waiting) == Waiting
        || Interlocked.CompareExchange(ref _state, Ended, Begun) == Begun;

    /// <summary>Counts an abandoned call no more.</summary>
    protected static void Forget(HostAddress address) => Outstanding.AddOrUpdate(address.Uri, 0, (_, n) => n - 1);
}

/// <summary>A call that gives something.</summary>
internal sealed class NativeCall<T>(HostAddress address, TimeSpan deadline, Action? abandoned) : NativeCall
{
    private readonly TaskCompletionSource<T> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with the call, or with a <see cref="HostTimeoutException"/> at its deadline.</summary>
    public Task<T> Task => _ended.Task;

    /// <summary>Abandons the call before its deadline, unless it has begun or returned.</summary>
    public void Abandon(Exception reason)
    {
        if (TryAbandon(address))
        {
            abandoned?.Invoke();
            _ended.TrySetException(reason);
        }
    }

    /// <summary>Runs the call.</summary>
    public void Run(Func<NativeCall, T> work, Action<bool>? returned, TimeProvider time)
    {
        // Nobody may be left who looks at how it ended.
        _ = _ended.Task.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        var timer = time.CreateTimer(_ => Abandon(new HostTimeoutException(address, deadline) { Host = address }), null, deadline, Timeout.InfiniteTimeSpan);
        NativeThreads.Run(() =>
        {
            T? result = default;
            Exception? failure = null;
            try
            {
                result = work(this);
            }
            catch (Exception e)
            {
                // Whatever it is belongs to the one who waits for the call.
                failure = e;
            }

            timer.Dispose();
            var isAwaited = TryEnd();
            try
            {
                returned?.Invoke(!isAwaited);
            }
            catch (Exception e)
            {
                failure ??= e;
            }

            if (!isAwaited)
            {
                Forget(address);
            }
            else if (failure is null)
            {
                _ended.TrySetResult(result!);
            }
            else
            {
                _ended.TrySetException(failure);
            }
        });
    }
}

/// <summary>
/// Threads for calls into libvirt, which block: on a host that hangs they would starve the thread pool. Each is used again by a later
/// call, since the C library gives every new thread memory that it never returns. The end of the process does not wait for them. Their
/// number is bounded by those who call: a few a host, and one a migration.
/// </summary>
internal static class NativeThreads
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentStack<Worker> Idle = new();

    /// <summary>Runs something on a thread that does nothing else meanwhile.</summary>
    public static void Run(Action work)
    {
        while (Idle.TryPop(out var worker))
        {
            if (worker.TryGive(work))
            {
                return;
            }
        }

        new Worker().TryGive(work);
    }

    private sealed class Worker
    {
        private readonly object _lock = new();
        private Action? _work;
        private bool _isGone;

        public Worker() => new Thread(Work) { IsBackground = true, Name = "libvirt call" }.Start();

        public bool TryGive(Action work)
        {
            lock (_lock)
            {
                if (_isGone)
                {
                    return false;
                }

                _work = work;
                Monitor.Pulse(_lock);
                return true;
            }
        }

        private void Work()
        {
            while (Take() is { } work)
            {
                work();
                Idle.Push(this);
            }
        }

        private Action? Take()
        {
            lock (_lock)
            {
                if (_work is null)
                {
                    Monitor.Wait(_lock, IdleTime);
                }

                var work = _work;
                _work = null;
                _isGone = work is null;
                return work;
            }
        }
    }
}
