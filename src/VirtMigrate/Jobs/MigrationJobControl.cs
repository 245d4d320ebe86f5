using VirtMigrate.Migration;
using VirtMigrate.Model;
using VirtMigrate.Session;

namespace VirtMigrate.Jobs;

/// <summary>
/// Follows and steers migrations. What this session runs itself is steered through its job, which knows more than the hosts
/// tell: the turn that it waits for, and that its user stopped it.
/// </summary>
/// <param name="session">The session.</param>
internal sealed class MigrationJobControl(ModuleSession session)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly MigrationJobMonitor _monitor = new(session.Connections, session.Registry);

    /// <summary>Follows a migration to its end.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="progress">Hears how it goes.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on.</param>
    /// <returns>How it ended.</returns>
    public async Task<VmMigrationJobInfo> WaitAsync(
        VmMigrationJobInfo job, IProgress<MigrationProgress> progress, CancellationToken cancellationToken)
    {
        while (session.Registry.Current.FirstOrDefault(c => c.Request.Vm.Uuid == job.Uuid).Progress is { } own)
        {
            progress.Report(own);
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
        }

        return await _monitor.WaitAsync(job, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a migration and waits until the VM runs on its source again.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>How it ended.</returns>
    public async Task<VmMigrationJobInfo> StopAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        if (session.Jobs.Find(job.Uuid) is not { } own)
        {
            return await _monitor.StopAsync(job, cancellationToken).ConfigureAwait(false);
        }

        await Task.Run(own.StopJob, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        return job.Status == MigrationJobStatus.Queued && own.Result is null
            ? job with { Status = MigrationJobStatus.Failed, Phase = MigrationPhase.Ended, Error = "It was stopped before it began." }
            : await _monitor.WaitAsync(job, progress: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Changes the limits of a migration while it runs.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="maxDowntime">The longest standstill; null to leave it.</param>
    /// <param name="bandwidth">The highest rate in bytes per second; null to leave it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The migration after the change.</returns>
    public Task<VmMigrationJobInfo> SetAsync(
        VmMigrationJobInfo job, TimeSpan? maxDowntime, long? bandwidth, CancellationToken cancellationToken) =>
        _monitor.SetAsync(job, maxDowntime, bandwidth, cancellationToken);
}
