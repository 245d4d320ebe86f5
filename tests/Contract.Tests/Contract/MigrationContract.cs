using System.Collections.Concurrent;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Contract;

/// <summary>
/// A migration on its way, over any transport. The VM runs on the source and writes faster than a downtime of 21 ms lets it go, and more slowly
/// than the link between the hosts. The steps are for a test to take in this order, with what it has to look at in between.
/// </summary>
/// <param name="vm">The VM's UUID.</param>
/// <param name="source">The host that it leaves.</param>
/// <param name="destination">The host that it goes to.</param>
/// <param name="time">What tells the time.</param>
internal sealed class MigrationContract(Guid vm, IHypervisor source, IHypervisor destination, TimeProvider time) : IDisposable
{
    private const long MiB = 1 << 20;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(21);
    private readonly List<IDisposable> _subscriptions = [];
    private TimeSpan _formerLimit;
    private int _heardBefore;

    /// <summary>What the source has told of the VM.</summary>
    public ConcurrentQueue<DomainEvent> Events { get; } = new();

    private IEnumerable<DomainEvent> News => Events.Skip(_heardBefore);

    /// <summary>Begins to listen.</summary>
    public void Listen() => _subscriptions.Add(source.Subscribe(vm, Events.Enqueue));

    /// <summary>Begins to migrate, and waits until memory is copied.</summary>
    /// <returns>The call, which has not ended.</returns>
    public async Task<Task> BeginAsync()
    {
        _formerLimit = await source.GetMaxDowntimeAsync(vm, None);
        return await MigrateAsync(4 * MiB);
    }

    private async Task<Task> MigrateAsync(long bandwidth)
    {
        // So slow that it lasts as long as it is looked at, on a busy machine too, where guests write less.
        await source.SetBandwidthAsync(vm, bandwidth, None);
        var moving = source.MigrateAsync(vm, destination, MigrationOptionSet.Empty
            .With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true).With(MigrationOptions.PostCopy, true), None);
        await EventuallyAsync("memory is copied", async () => moving.IsCompleted || (await source.GetJobAsync(vm, None)).Statistics is { MemoryProcessed: > 0 });
        Assert.False(moving.IsCompleted, "the call has ended");
        return moving;
    }

    /// <summary>Asserts what both hosts say of a migration that copies memory.</summary>
    /// <returns>A task that ends when both were asked.</returns>
    public async Task AssertToldAsync()
    {
        var job = await source.GetJobAsync(vm, None);
        Assert.False(job.IsHidden || job.IsIncoming);
        Assert.Equal((JobOperation.MigrationOut, false), (job.Statistics!.Operation, job.Statistics.IsCompleted));
        Assert.True(job.Statistics.Iteration >= 1);
        Assert.InRange(job.Statistics.DataProcessed, 1, long.MaxValue);
        Assert.True(job.Statistics.MemoryTotal >= job.Statistics.MemoryRemaining);
        Assert.InRange(job.Statistics.Elapsed, TimeSpan.FromTicks(1), TimeSpan.FromMinutes(5));

        // Only the source accounts for it, and only while it lasts (qemuDomainGetJobStatsInternal).
        Assert.Equal(new JobReading(null, IsIncoming: true), await destination.GetJobAsync(vm, None));
        Assert.Null(await source.GetCompletedJobAsync(vm, None));
        Assert.Equal(VmState.Running, (await source.FindVmAsync(vm, None))!.Status.State);
        Assert.Equal(VmState.Paused, (await destination.FindVmAsync(vm, None))!.Status.State);
        Assert.Equal("LibvirtError", Assert.IsType<HypervisorException>(await Record.ExceptionAsync(() => source.AbortPostCopyAsync(vm, None))).Failure.Id);
    }

    /// <summary>Asserts that limits can be set and are heeded.</summary>
    /// <returns>A task that ends when they are set, the bandwidth to 9 and in post-copy to 7 MiB/s.</returns>
    public async Task AssertLimitedAsync()
    {
        await source.SetMaxDowntimeAsync(vm, Limit, None);
        await source.SetBandwidthAsync(vm, 9 * MiB, None);
        await source.SetPostCopyBandwidthAsync(vm, 7 * MiB, None);
        await source.SetCompressionCacheAsync(vm, 32 * MiB, None);
        Assert.Equal(Limit, await source.GetMaxDowntimeAsync(vm, None));
    }

    /// <summary>Asserts that a guest which is suspended on its way is paused for the migration.</summary>
    /// <param name="state">
    /// Tells the VM's state at the source, with its reason, at once: what is left of the memory of a guest that stands still is soon sent.
    /// </param>
    /// <returns>A task that ends when it is.</returns>
    public async Task AssertSuspendedAsync(Func<Task<string>> state)
    {
        // Several iterations first, so that there is something to be told of them.
        await source.SetBandwidthAsync(vm, 20 * MiB, None);
        await EventuallyAsync("memory is sent for the third time", async () => (await source.GetJobAsync(vm, None)).Statistics?.Iteration >= 3);
        await source.SetBandwidthAsync(vm, MiB, None);
        await source.SuspendVmAsync(vm, None);
        Assert.Equal("paused (migrating)", await state());
    }

    /// <summary>Asserts that an aborted migration leaves the guest running where it was, with the limit that it had.</summary>
    /// <param name="moving">The call.</param>
    /// <returns>The call's error.</returns>
    public async Task<HypervisorException> AssertAbortedAsync(Task moving)
    {
        await source.AbortJobAsync(vm, None);
        var ended = await Assert.ThrowsAnyAsync<HypervisorException>(() => moving);
        Assert.Equal("running (migration canceled)", await StateAsync(source));
        Assert.Equal(_formerLimit, await source.GetMaxDowntimeAsync(vm, None));
        Assert.Equal(new JobReading(null), await source.GetJobAsync(vm, None));
        Assert.Equal("NoMigrationJob", Assert.IsType<HypervisorException>(await Record.ExceptionAsync(() => source.AbortJobAsync(vm, None))).Failure.Id);
        await EventuallyAsync("the destination has nothing of it", async () => await destination.FindVmAsync(vm, None) is null);
        await EventuallyAsync("the source has told that it runs", () => Task.FromResult(Events.Any(static e => IsLifecycle(e, LifecycleEvent.Resumed))));

        var iterations = Events.OfType<MigrationIterationEvent>().Select(e => e.Iteration).ToArray();
        Assert.Equal(iterations.Order(), iterations);
        Assert.Contains(iterations, static i => i > 1);
        Assert.Equal([LifecycleEvent.Suspended, LifecycleEvent.Resumed], Events.OfType<LifecycleEvent>().Select(e => e.Kind));
        return ended;
    }

    /// <summary>Asserts that a migration goes on in post-copy where that is asked for, and arrives.</summary>
    /// <returns>A task that ends when it has arrived.</returns>
    public async Task AssertPostCopyArrivesAsync()
    {
        _heardBefore = Events.Count;
        await source.SetPostCopyBandwidthAsync(vm, 900 * MiB, None);
        var moving = await MigrateAsync(30 * MiB);
        await source.StartPostCopyAsync(vm, None);
        await moving;

        Assert.Equal("shut off (migrated)", await StateAsync(source));
        Assert.Equal("running (migrated)", await StateAsync(destination));
        Assert.True((await destination.FindVmAsync(vm, None))!.IsPersistent);
        Assert.Equal(new JobReading(null), await destination.GetJobAsync(vm, None));
        await AssertCompletedAsync(source, JobOperation.MigrationOut);
        await EventuallyAsync("the source has told of its end", () => Task.FromResult(News.OfType<JobCompletedEvent>().Any() && News.Any(static e => IsLifecycle(e, LifecycleEvent.Stopped))));
        Assert.Equal(
            [(LifecycleEvent.Suspended, LifecycleEvent.SuspendedPostCopy), (LifecycleEvent.Stopped, LifecycleEvent.StoppedMigrated)],
            News.OfType<LifecycleEvent>().Select(e => (e.Kind, e.Detail)).Where(e => e != (LifecycleEvent.Suspended, LifecycleEvent.SuspendedMigrated)));
    }

    /// <summary>Tells a VM's state with its reason.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The state, in virsh's words; null where the host has no such VM.</returns>
    public async Task<string?> StateAsync(IHypervisor host) => (await host.FindVmAsync(vm, None))?.Status.ToString();

    /// <inheritdoc/>
    public void Dispose() => _subscriptions.ForEach(s => s.Dispose());

    private static bool IsLifecycle(DomainEvent happened, int kind) => happened is LifecycleEvent lifecycle && lifecycle.Kind == kind;

    private async Task AssertCompletedAsync(IHypervisor host, JobOperation operation)
    {
        var job = await host.GetCompletedJobAsync(vm, None);
        Assert.NotNull(job);
        Assert.Equal((operation, true, false), (job.Operation, job.IsCompleted, job.IsFailed));
        Assert.InRange(job.DataProcessed, 1, long.MaxValue);
    }

    private async Task EventuallyAsync(string what, Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await condition())
            {
                return;
            }

            await DelayAsync();
        }

        Assert.Fail($"Within a minute it did not come true that {what}.");
    }

    // Task.Delay goes on in the thread pool, which simulated hosts do not know.
    private async Task DelayAsync()
    {
        var elapsed = new TaskCompletionSource();
        using var timer = time.CreateTimer(static e => ((TaskCompletionSource)e!).TrySetResult(), elapsed, TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan);
        await elapsed.Task;
    }
}
