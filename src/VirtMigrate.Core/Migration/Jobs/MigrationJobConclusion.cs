using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Looks up how a migration has ended that no host calls running any more.</summary>
/// <param name="connections">The session's hosts.</param>
internal sealed class MigrationJobConclusion(HostConnections connections)
{
    /// <summary>Looks.</summary>
    /// <param name="job">The migration as its hosts last told.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How it ended, and whether it may only have been out of sight for a moment.</returns>
    public Task<(VmMigrationJobInfo Job, bool IsUnderWay)> LookAsync(VmMigrationJobInfo job, CancellationToken cancellationToken) => job switch
    {
        { Source: { } source, Destination: { } destination } => VerifyAsync(job, source, destination, cancellationToken),
        { Source: { } source, Status: MigrationJobStatus.Running } => LookAsync(job, source, cancellationToken),
        { Status: MigrationJobStatus.Running } => Task.FromResult((End(job, MigrationJobStatus.Unknown), false)),
        _ => Task.FromResult((job, false)),
    };

    private static VmMigrationJobInfo End(VmMigrationJobInfo job, MigrationJobStatus status) => job with { Status = status, Phase = MigrationPhase.Ended };

    private async Task<(VmMigrationJobInfo Job, bool IsUnderWay)> VerifyAsync(
        VmMigrationJobInfo job, VmHost source, VmHost destination, CancellationToken cancellationToken)
    {
        var verification = await MigrationVerifier.VerifyAsync(
            job.Uuid, job.Vm, Connection(source), Connection(destination), hasMovedOffline: null, cancellationToken).ConfigureAwait(false);
        var ended = job with
        {
            Phase = verification.Outcome == MigrationOutcome.PostCopyPaused ? MigrationPhase.PostCopy : MigrationPhase.Ended,
            Status = verification.Outcome switch
            {
                MigrationOutcome.Completed => MigrationJobStatus.Completed,
                MigrationOutcome.RolledBack or MigrationOutcome.StayedChanged or MigrationOutcome.GuestShutDown or MigrationOutcome.GuestDestroyed or
                    MigrationOutcome.GuestCrashed => MigrationJobStatus.Failed,
                MigrationOutcome.PostCopyPaused => MigrationJobStatus.PostCopyPaused,
                _ => MigrationJobStatus.Unknown,
            },
            PercentComplete = verification.IsVerified ? 100 : job.PercentComplete,
            Error = verification.IsVerified ? null : job.Error ?? verification.Message,
        };
        return (ended, verification.IsInProgress);
    }

    // Libvirt keeps no account of a migration that was aborted; a VM that simply runs on its source has stayed there.
    private async Task<(VmMigrationJobInfo Job, bool IsUnderWay)> LookAsync(VmMigrationJobInfo job, VmHost source, CancellationToken cancellationToken)
    {
        var host = Connection(source);
        var vm = await host.ReadAsync(h => h.FindVmAsync(job.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        if (vm is not { Status: { IsActive: true, IsPausedByMigration: false, IsPostCopyHalf: false } status })
        {
            return (End(job, MigrationJobStatus.Unknown), false);
        }

        var reading = await host.ReadAsync(h => h.GetJobAsync(job.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        return reading.IsHidden || reading.Statistics is { IsMigration: true }
            ? (End(job, MigrationJobStatus.Unknown), true)
            : (End(job, MigrationJobStatus.Failed) with { Error = $"'{job.Vm}' is {status} on '{source}', as before the migration." }, false);
    }

    private HostConnection Connection(VmHost host) => connections.Get(HostAddress.Parse(host.Uri));
}
