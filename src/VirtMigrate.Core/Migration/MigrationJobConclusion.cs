namespace VirtMigrate.Migration;

/// <summary>Says of a migration job what the verdict over it says of the VM.</summary>
internal static class MigrationJobConclusion
{
    /// <summary>Concludes.</summary>
    /// <param name="job">The job as its hosts tell it now, or told it last.</param>
    /// <param name="verification">The verdict.</param>
    /// <returns>How the job ended.</returns>
    public static VmMigrationJobInfo Of(VmMigrationJobInfo job, VmMigrationVerification verification)
    {
        if (job is not { Source: not null, Destination: not null })
        {
            return OfOneHost(job, verification);
        }

        var status = verification.Outcome switch
        {
            MigrationOutcome.Completed or MigrationOutcome.ArrivedChanged => MigrationJobStatus.Completed,
            MigrationOutcome.RolledBack or MigrationOutcome.StayedChanged or MigrationOutcome.GuestShutDown or MigrationOutcome.GuestDestroyed or
                MigrationOutcome.GuestCrashed => MigrationJobStatus.Failed,
            MigrationOutcome.PostCopyPaused => MigrationJobStatus.PostCopyPaused,
            _ => MigrationJobStatus.Unknown,
        };
        return End(job, status, verification.IsVerified ? null : job.Error ?? verification.Message);
    }

    // Where only one of the hosts is known there is no verdict over the VM, and what that host has noted of the job is all there is. Libvirt
    // keeps no account of a migration that was aborted; a VM that simply runs on its source has stayed there.
    private static VmMigrationJobInfo OfOneHost(VmMigrationJobInfo job, VmMigrationVerification verification) =>
        job.Status != MigrationJobStatus.Running ? job
        : job.Source is { } source && verification.SourceInstance.Status is { IsActive: true, IsPausedByMigration: false, IsPostCopyHalf: false } status
            ? End(job, MigrationJobStatus.Failed, job.Error ?? $"'{job.Vm}' is {status} on '{source}', as before the migration.")
            : End(job, MigrationJobStatus.Unknown, job.Error ?? verification.Message);

    // What is done is done: a job that ended well has nothing left to move, whatever the source's account says of the moment of its switchover.
    private static VmMigrationJobInfo End(VmMigrationJobInfo job, MigrationJobStatus status, string? error) => job with
    {
        Status = status,
        Phase = status == MigrationJobStatus.PostCopyPaused ? MigrationPhase.PostCopy : MigrationPhase.Ended,
        PercentComplete = status == MigrationJobStatus.Completed ? 100 : Math.Min(job.PercentComplete, 99),
        Remaining = status == MigrationJobStatus.Completed && job.Remaining is not null ? 0 : job.Remaining,
        Error = error,
    };
}
