using System.Collections.Concurrent;

namespace VirtMigrate.Hypervisor.Libvirt.Calls;

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
    /// <param name="work">The work, which throws nothing.</param>
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
