namespace VirtMigrate.Migration;

/// <summary>
/// Lets a number of migrations run at once and the others wait in the order in which they came. Who waited goes on from a timer, never on the
/// stack of who let it: on the thread pool, or as the next item of a simulated clock (a SemaphoreSlim knows the thread pool alone).
/// </summary>
/// <param name="limit">How many may run at once, at least 1.</param>
/// <param name="time">What tells the time, and has the timers.</param>
internal sealed class MigrationThrottle(int limit, TimeProvider time)
{
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private int _free = limit;

    /// <summary>Waits until another may run. Its place in the queue is taken when the method returns.</summary>
    /// <param name="cancellationToken">Leaves the queue.</param>
    /// <returns>A task that ends when it may; <see cref="Exit"/> has to follow then, and only then.</returns>
    /// <exception cref="OperationCanceledException">It has left the queue.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        var place = TakePlace();
        using (cancellationToken.UnsafeRegister(static (p, token) => ((TaskCompletionSource)p!).TrySetCanceled(token), place))
        {
            await place.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await time.YieldAsync().ConfigureAwait(false);
        await place.Task.ConfigureAwait(false);
    }

    /// <summary>Lets the next one run, now that one has ended.</summary>
    public void Exit()
    {
        lock (_waiting)
        {
            while (_waiting.TryDequeue(out var next))
            {
                if (next.TrySetResult())
                {
                    return;
                }
            }

            _free++;
        }
    }

    private TaskCompletionSource TakePlace()
    {
        var place = new TaskCompletionSource();
        lock (_waiting)
        {
            if (_free == 0)
            {
                _waiting.Enqueue(place);
                return place;
            }

            _free--;
        }

        place.SetResult();
        return place;
    }
}

/// <summary>What waits for nothing but its turn among a time provider's timers.</summary>
internal static class TimeProviderExtensions
{
    /// <summary>Goes on from a timer, as <see cref="Task.Yield"/> does on the thread pool.</summary>
    /// <param name="time">What has the timers.</param>
    /// <returns>A task that never ends on the caller's stack.</returns>
    public static async Task YieldAsync(this TimeProvider time)
    {
        var elapsed = new TaskCompletionSource();
        using var timer = time.CreateTimer(static e => ((TaskCompletionSource)e!).SetResult(), elapsed, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await elapsed.Task.ConfigureAwait(false);
    }
}
