using VirtMigrate.Migration;
using VirtMigrate.Session;

namespace VirtMigrate.Jobs;

/// <summary>
/// Follows and steers migrations. What this session runs itself is steered through its job, which knows more than the hosts
/// tell: the turn that it waits for, and that its user stopped it.
/// </summary>
/// <param name="session">The session.</param>
internal sealed class MigrationJobControl(ModuleSession session)
{
    private readonly MigrationJobMonitor _monitor = new(session.Connections, session.Registry);

    private MigrationJobSteering Steering => new(session.Connections, _monitor);

    /// <summary>Follows a migration to its end.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="progress">Hears how it goes.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on.</param>
    /// <returns>How it ended.</returns>
    public Task<VmMigrationJobInfo> WaitAsync(VmMigrationJobInfo job, IProgress<MigrationProgress> progress, CancellationToken cancellationToken) =>
        _monitor.WaitAsync(job, progress, cancellationToken);

    /// <summary>Ends a migration and waits until the VM runs on its source again.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="mayBreak">Whether one in post-copy is stopped as well, which leaves both halves of its VM standing still.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>How it ended.</returns>
    public async Task<VmMigrationJobInfo> StopAsync(VmMigrationJobInfo job, bool mayBreak, CancellationToken cancellationToken)
    {
        if (session.Jobs.Find(job.Uuid) is not { } own || await IsPostCopyAsync(job, cancellationToken).ConfigureAwait(false))
        {
            return mayBreak
                ? await Steering.BreakAsync(job, cancellationToken).ConfigureAwait(false)
                : await Steering.StopAsync(job, cancellationToken).ConfigureAwait(false);
        }

        await Task.Run(own.StopJob, CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
        return own.Result is { Verification: var verdict } ? await _monitor.ConcludeAsync(job, verdict, cancellationToken).ConfigureAwait(false)
            : job.Status == MigrationJobStatus.Queued
                ? job with { Status = MigrationJobStatus.Failed, Phase = MigrationPhase.Ended, Error = "It was stopped before it began." }
            : await _monitor.WaitAsync(job, progress: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Switches a migration to post-copy.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Stops waiting; the request stands.</param>
    /// <returns>The migration in post-copy, or how it ended meanwhile.</returns>
    public Task<VmMigrationJobInfo> SwitchToPostCopyAsync(VmMigrationJobInfo job, CancellationToken cancellationToken) =>
        Steering.SwitchToPostCopyAsync(job, cancellationToken);

    /// <summary>Changes a migration while it runs.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="change">What to change.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The migration after the change.</returns>
    public Task<VmMigrationJobInfo> SetAsync(VmMigrationJobInfo job, MigrationJobChange change, CancellationToken cancellationToken) =>
        Steering.SetAsync(job, change, cancellationToken);

    /// <summary>Whether a migration is in post-copy now, and not yet broken.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>True when its VM's memory is split between both hosts.</returns>
    public async Task<bool> IsPostCopyAsync(VmMigrationJobInfo job, CancellationToken cancellationToken) =>
        job.Status != MigrationJobStatus.Queued &&
        await _monitor.RefreshAsync(job, cancellationToken).ConfigureAwait(false) is { Status: MigrationJobStatus.Running, Phase: MigrationPhase.PostCopy };
}
