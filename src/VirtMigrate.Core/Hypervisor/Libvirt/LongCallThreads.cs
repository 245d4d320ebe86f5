using System.Collections.Concurrent;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>
/// Threads for calls that last as long as a migration: they would starve the thread pool. Each is used again by a later
/// call, since the C library gives every new thread memory that it never returns.
/// </summary>
internal static class LongCallThreads
{
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(1);
    private static readonly ConcurrentStack<Worker> Idle = new();

    /// <summary>Runs a call on a thread that does nothing else meanwhile.</summary>
    /// <param name="call">The call.</param>
    /// <returns>A task that ends with the call.</returns>
    public static Task RunAsync(Action call)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (Idle.TryPop(out var worker))
        {
            if (worker.TryGive(call, ended))
            {
                return ended.Task;
            }
        }

        new Worker().TryGive(call, ended);
        return ended.Task;
    }

    private sealed class Worker
    {
        private readonly object _lock = new();
        private (Action Call, TaskCompletionSource Ended)? _work;
        private bool _isGone;

        public Worker() => new Thread(Work) { IsBackground = true, Name = "libvirt migration" }.Start();

        public bool TryGive(Action call, TaskCompletionSource ended)
        {
            lock (_lock)
            {
                if (_isGone)
                {
                    return false;
                }

                _work = (call, ended);
                Monitor.Pulse(_lock);
                return true;
            }
        }

        private void Work()
        {
            while (Take() is { } work)
            {
                Exception? failure = null;
                try
                {
                    work.Call();
                }
                catch (Exception e)
                {
                    // Whatever it is belongs to the one who waits for the call.
                    failure = e;
                }

                // Free again before the waiting one learns of it, so that the next call finds this thread.
                Idle.Push(this);
                if (failure is null)
                {
                    work.Ended.SetResult();
                }
                else
                {
                    work.Ended.SetException(failure);
                }
            }
        }

        private (Action Call, TaskCompletionSource Ended)? Take()
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
