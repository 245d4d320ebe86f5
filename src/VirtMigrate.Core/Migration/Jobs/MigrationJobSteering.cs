using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Steers migrations while they run, whoever started them.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="monitor">Sees the migrations.</param>
public sealed class MigrationJobSteering(HostConnections connections, MigrationJobMonitor monitor)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SwitchPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BeginPatience = TimeSpan.FromSeconds(10);

    /// <summary>Aborts a migration and waits until the VM runs on its source again.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="NoMigrationException">The VM is not being migrated.</exception>
    /// <exception cref="PostCopyActiveException">The VM's memory is split between both hosts.</exception>
    /// <exception cref="PostCopyPausedException">The migration has already broken in post-copy.</exception>
    public async Task<VmMigrationJobInfo> StopAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var (seen, source) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        return seen.Phase == MigrationPhase.PostCopy
            ? throw new PostCopyActiveException(job.Vm) { Vm = job.Vm }
            : await EndAsync(seen, source, (h, token) => h.AbortJobAsync(job.Uuid, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops a migration that is in post-copy: both halves of the VM stand still until the migration is resumed
    /// (virDomainAbortJobFlags with VIR_DOMAIN_ABORT_JOB_POSTCOPY). One that is not yet in post-copy is aborted as usual.
    /// </summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="NoMigrationException">The VM is not being migrated.</exception>
    /// <exception cref="PostCopyPausedException">The migration has already broken in post-copy.</exception>
    public async Task<VmMigrationJobInfo> BreakAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var (seen, source) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        return seen.Phase != MigrationPhase.PostCopy
            ? await StopAsync(seen, cancellationToken).ConfigureAwait(false)
            : await EndAsync(seen, source, (h, token) => h.AbortPostCopyAsync(job.Uuid, token), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Switches a migration to post-copy and waits until the guest runs on the destination (virDomainMigrateStartPostCopy).</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>The migration in post-copy, or how it ended meanwhile.</returns>
    /// <exception cref="NoMigrationException">The VM is not being migrated.</exception>
    /// <exception cref="PostCopyNotEnabledException">The migration was started without post-copy.</exception>
    /// <exception cref="PostCopyPausedException">The migration has already broken in post-copy.</exception>
    public async Task<VmMigrationJobInfo> SwitchToPostCopyAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var (seen, source) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        if (seen.Phase == MigrationPhase.PostCopy)
        {
            return seen;
        }

        await StartPostCopyAsync(seen, source, cancellationToken).ConfigureAwait(false);
        var deadline = Environment.TickCount64 + (long)SwitchPatience.TotalMilliseconds;
        while (seen.Phase != MigrationPhase.PostCopy && Environment.TickCount64 < deadline)
        {
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
            if (await monitor.RefreshAsync(seen, cancellationToken).ConfigureAwait(false) is not { Status: MigrationJobStatus.Running } now)
            {
                // What was left crossed faster than the look.
                return await monitor.WaitAsync(seen, progress: null, cancellationToken).ConfigureAwait(false);
            }

            seen = now;
        }

        return seen;
    }

    /// <summary>Changes a migration while it runs.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="change">What to change.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The migration after the change.</returns>
    /// <exception cref="NoMigrationException">The VM is not being migrated.</exception>
    /// <exception cref="PostCopyPausedException">The migration has broken in post-copy.</exception>
    public async Task<VmMigrationJobInfo> SetAsync(VmMigrationJobInfo job, MigrationJobChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var (seen, source) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        var host = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        if (change.MaxDowntime is { } limit)
        {
            await host.SetMaxDowntimeAsync(job.Uuid, limit, cancellationToken).ConfigureAwait(false);
        }

        if (change.Bandwidth is { } rate)
        {
            await host.SetBandwidthAsync(job.Uuid, rate, cancellationToken).ConfigureAwait(false);
        }

        if (change.PostCopyBandwidth is { } postCopyRate)
        {
            await host.SetPostCopyBandwidthAsync(job.Uuid, postCopyRate, cancellationToken).ConfigureAwait(false);
        }

        if (change.CompressionCache is { } cache)
        {
            await host.SetCompressionCacheAsync(job.Uuid, cache, cancellationToken).ConfigureAwait(false);
        }

        // In post-copy the guest runs on the destination, and the migration ends whatever it does.
        if (change.SuspendGuest && seen.Phase != MigrationPhase.PostCopy)
        {
            await host.SuspendVmAsync(job.Uuid, cancellationToken).ConfigureAwait(false);
        }

        var now = await monitor.RefreshAsync(seen, cancellationToken).ConfigureAwait(false) ?? seen;
        return change.MaxDowntime is null ? now : now with { MaxDowntime = change.MaxDowntime };
    }

    // Until QEMU has begun there is nothing to switch, and it says so.
    private static async Task StartPostCopyAsync(VmMigrationJobInfo job, HostConnection source, CancellationToken cancellationToken)
    {
        var deadline = Environment.TickCount64 + (long)BeginPatience.TotalMilliseconds;
        while (true)
        {
            try
            {
                var host = await source.GetAsync(cancellationToken).ConfigureAwait(false);
                await host.StartPostCopyAsync(job.Uuid, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (NoJobException)
            {
                throw new NoMigrationException(job.Vm) { Vm = job.Vm };
            }
            catch (HypervisorException e) when (e.Error?.Message.Contains("VIR_MIGRATE_POSTCOPY", StringComparison.Ordinal) == true)
            {
                throw new PostCopyNotEnabledException(job.Vm, e) { Vm = job.Vm };
            }
            catch (HypervisorException e) when (e is not HostConnectionLostException && job.Phase == MigrationPhase.Preparing &&
                Environment.TickCount64 < deadline)
            {
                await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<(VmMigrationJobInfo Job, HostConnection Source)> FindAsync(VmMigrationJobInfo job, CancellationToken cancellationToken) =>
        await monitor.RefreshAsync(job, cancellationToken).ConfigureAwait(false) switch
        {
            { Status: MigrationJobStatus.PostCopyPaused } => throw new PostCopyPausedException(job.Vm) { Vm = job.Vm },
            { Status: MigrationJobStatus.Running, Source: { } source } seen => (seen, connections.Get(HostAddress.Parse(source.Uri))),
            _ => throw new NoMigrationException(job.Vm) { Vm = job.Vm },
        };

    private async Task<VmMigrationJobInfo> EndAsync(
        VmMigrationJobInfo job, HostConnection source, Func<IHypervisor, CancellationToken, Task> end, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StopPatience);
        try
        {
            await source.ReadAsync(async h =>
            {
                await end(h, patience.Token).ConfigureAwait(false);
                return true;
            }, patience.Token).ConfigureAwait(false);
        }
        catch (NoJobException)
        {
            // It ended by itself in between.
        }

        try
        {
            return await monitor.WaitAsync(job, progress: null, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (await monitor.ConcludeAsync(job, cancellationToken).ConfigureAwait(false)).Job;
        }
    }
}
