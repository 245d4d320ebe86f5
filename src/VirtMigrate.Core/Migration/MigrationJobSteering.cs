using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Steers migrations while they run, whoever started them.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="monitor">Sees the migrations.</param>
internal sealed class MigrationJobSteering(HostConnections connections, MigrationJobMonitor monitor)
{
    /// <summary>Aborts a migration and waits until the VM runs on its source again.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="MigrationException">
    /// The VM is not being migrated. The VM's memory is split between both hosts. The migration has already broken in post-copy.
    /// </exception>
    public async Task<VmMigrationJobInfo> StopAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var (seen, _) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        return seen.Phase == MigrationPhase.PostCopy
            ? throw OutcomeFailures.IsInPostCopy(job.Vm)
            : await monitor.FollowAsync(seen, MigrationRequested.Abort, progress: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops a migration that is in post-copy: both halves of the VM stand still until the migration is resumed
    /// (virDomainAbortJobFlags with VIR_DOMAIN_ABORT_JOB_POSTCOPY). One that is not yet in post-copy is aborted as usual.
    /// </summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="MigrationException">The VM is not being migrated. The migration has already broken in post-copy.</exception>
    public async Task<VmMigrationJobInfo> BreakAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var (seen, _) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        return await monitor.FollowAsync(seen, MigrationRequested.AbortPostCopy, progress: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Switches a migration to post-copy and waits until the guest runs on the destination (virDomainMigrateStartPostCopy).</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>The migration in post-copy, or how it ended meanwhile.</returns>
    /// <exception cref="MigrationException">
    /// The VM is not being migrated. The migration was started without post-copy. The migration has already broken in post-copy.
    /// </exception>
    public async Task<VmMigrationJobInfo> SwitchToPostCopyAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var (seen, _) = await FindAsync(job, cancellationToken).ConfigureAwait(false);
        return seen.Phase == MigrationPhase.PostCopy
            ? seen
            : await monitor.FollowAsync(seen, MigrationRequested.StartPostCopy, progress: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes a migration while it runs.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="change">What to change.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The migration after the change.</returns>
    /// <exception cref="MigrationException">The VM is not being migrated. The migration has broken in post-copy.</exception>
    public async Task<VmMigrationJobInfo> SetAsync(VmMigrationJobInfo job, MigrationJobChange change, CancellationToken cancellationToken)
    {
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

    private async Task<(VmMigrationJobInfo Job, HostConnection Source)> FindAsync(VmMigrationJobInfo job, CancellationToken cancellationToken) =>
        await monitor.RefreshAsync(job, cancellationToken).ConfigureAwait(false) switch
        {
            { Status: MigrationJobStatus.PostCopyPaused } => throw OutcomeFailures.IsBroken(job.Vm),
            { Status: MigrationJobStatus.Running, Source: { } source } seen => (seen, connections.Get(HostAddress.Parse(source.Uri))),
            _ => throw VmFailures.IsNotMigrating(job.Vm),
        };
}

/// <summary>What to change about a migration while it runs. What is null or false stays as it is.</summary>
internal sealed record MigrationJobChange
{
    /// <summary>The longest downtime of the guest (virDomainMigrateSetMaxDowntime).</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The highest rate in bytes per second (virDomainMigrateSetMaxSpeed).</summary>
    public long? Bandwidth { get; init; }

    /// <summary>The highest rate in post-copy in bytes per second (VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY).</summary>
    public long? PostCopyBandwidth { get; init; }

    /// <summary>The size of XBZRLE's cache in bytes (virDomainMigrateSetCompressionCache).</summary>
    public long? CompressionCache { get; init; }

    /// <summary>
    /// Whether to suspend the guest, so that it dirties no memory any more and the migration comes to its end (virDomainSuspend).
    /// The guest runs again where the migration leaves it: on the destination, or after an abort on the source.
    /// </summary>
    public bool SuspendGuest { get; init; }

    /// <summary>Whether nothing is to be changed.</summary>
    public bool IsEmpty => this == new MigrationJobChange();
}
