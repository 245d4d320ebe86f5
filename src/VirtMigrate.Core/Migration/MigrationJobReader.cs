using VirtMigrate.Estimation;
using VirtMigrate.Hosts;

namespace VirtMigrate.Migration;

/// <summary>Reads the migrations of one host, whoever started them, without waiting for any VM's job lock.</summary>
internal static class MigrationJobReader
{
    // Enough to hide the round trips; libvirtd serves five calls of one client at a time.
    private const int CallsAtOnce = 5;

    // virDomainShutoffReason and virDomainRunningReason: what a migration leaves behind.
    private const int ShutOffMigrated = 4;
    private const int RunningMigrated = 2;
    private const int RunningUnpaused = 5;
    private const int RunningMigrationCanceled = 6;

    /// <summary>Reads all of a host's migrations: those under way and those that its VMs have as their last job.</summary>
    /// <param name="hypervisor">The host.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The migrations, each as this host sees it.</returns>
    public static async Task<IReadOnlyList<VmMigrationJobInfo>> ReadAllAsync(IHypervisor hypervisor, CancellationToken cancellationToken)
    {
        var vms = await hypervisor.ListVmsAsync(cancellationToken).ConfigureAwait(false);
        using var turns = new SemaphoreSlim(CallsAtOnce);
        var reads = vms.Where(CanHaveJob).Select(async vm =>
        {
            await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var job = await ReadAsync(hypervisor, vm, cancellationToken).ConfigureAwait(false);
                return await WithLimitAsync(hypervisor, job, IsStopped(vm), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turns.Release();
            }
        }).ToArray();
        var jobs = await Task.WhenAll(reads).ConfigureAwait(false);
        return [.. jobs.OfType<VmMigrationJobInfo>()];
    }

    /// <summary>Reads the migration of one VM as one host sees it.</summary>
    /// <param name="hypervisor">The host.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The migration; null where the host knows of none.</returns>
    public static async Task<VmMigrationJobInfo?> ReadAsync(IHypervisor hypervisor, Vm vm, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadPresentAsync(hypervisor, vm, cancellationToken).ConfigureAwait(false);
        }
        catch (VmNotFoundException)
        {
            // A transient VM that has left in the meantime.
            return null;
        }
    }

    private static async Task<VmMigrationJobInfo?> ReadPresentAsync(IHypervisor hypervisor, Vm vm, CancellationToken cancellationToken)
    {
        if (vm.Status.IsActive)
        {
            var reading = await hypervisor.GetJobAsync(vm.Uuid, cancellationToken).ConfigureAwait(false);
            if (reading.Statistics is { } statistics)
            {
                return statistics.IsMigration ? FromStatistics(vm, statistics) : null;
            }

            if (reading.IsIncoming || vm.Status.IsPausedByMigration || vm.Status.IsPostCopyHalf)
            {
                // Only the source accounts for a migration, and not while somebody else holds its VM's lock.
                return Seen(vm, reading.IsIncoming || vm.Status.IsExecuting,
                    vm.Status.IsPostCopyFailed ? MigrationJobStatus.PostCopyPaused : MigrationJobStatus.Running,
                    vm.Status.IsPostCopyHalf ? MigrationPhase.PostCopy : MigrationPhase.Copying);
            }

            if (reading.IsHidden)
            {
                return null;
            }
        }

        if (!WasTouchedByMigration(vm.Status))
        {
            return null;
        }

        var last = await hypervisor.GetCompletedJobAsync(vm.Uuid, cancellationToken).ConfigureAwait(false);

        // A destination keeps no account of a post-copy, but knows how the VM came.
        return last is { IsMigration: true } ? FromStatistics(vm, last)
            : vm.Status.IsMigratedHere ? Seen(vm, isIncoming: true, MigrationJobStatus.Completed, MigrationPhase.Ended)
            : null;
    }

    // Asked only of a migration whose account could just be read, so that its VM's lock is free.
    private static async Task<VmMigrationJobInfo?> WithLimitAsync(
        IHypervisor hypervisor, VmMigrationJobInfo? job, bool isStopped, CancellationToken cancellationToken)
    {
        if (job is not { Status: MigrationJobStatus.Running, Statistics: not null })
        {
            return job;
        }

        try
        {
            var limit = await hypervisor.GetMaxDowntimeAsync(job.Uuid, cancellationToken).ConfigureAwait(false);
            return job with { MaxDowntime = limit, TimeLeft = TimeLeftForecast.Of(job.Statistics, job.Phase, limit, isStopped).TimeLeft };
        }
        catch (HypervisorException)
        {
            // It has just ended.
            return job;
        }
    }

    private static bool IsStopped(Vm vm) => vm.Status.State == VmState.Paused;

    private static bool CanHaveJob(Vm vm) => vm.Status.IsActive || WasTouchedByMigration(vm.Status);

    private static bool WasTouchedByMigration(VmStatus status) => (status.State, status.ReasonCode) switch
    {
        (VmState.ShutOff, ShutOffMigrated) => true,
        (VmState.Running, RunningMigrated or RunningUnpaused or RunningMigrationCanceled) => true,
        (VmState.Running or VmState.Paused, _) => status.IsPostCopyFailed || status.State == VmState.Paused,
        _ => false,
    };

    private static VmMigrationJobInfo FromStatistics(Vm vm, JobStatistics statistics)
    {
        var isIncoming = statistics.Operation == JobOperation.MigrationIn;
        var status = StatusOf(vm, statistics);
        var phase = PhaseOf(vm, statistics);
        var timeLeft = TimeLeftForecast.Of(statistics, phase, maxDowntime: null, IsStopped(vm));
        return Seen(vm, isIncoming, status, phase) with
        {
            PercentComplete = status == MigrationJobStatus.Completed ? 100 : ProgressTracker.Percent(statistics),
            Duration = statistics.Elapsed,

            // The source's account of a post-copy stops at its switchover; of one that ended well nothing remains.
            Remaining = status == MigrationJobStatus.Completed ? 0 : statistics.DataRemaining,
            Transferred = statistics.DataProcessed,
            Rate = statistics.Rate,
            Iteration = statistics.Iteration,
            DirtyRate = statistics.DirtyRate,
            Downtime = statistics.Downtime,
            TimeLeft = timeLeft.TimeLeft,
            ImpliedDowntime = timeLeft.ImpliedDowntime,
            Error = statistics.ErrorMessage,
            Statistics = statistics,
        };
    }

    private static VmMigrationJobInfo Seen(Vm vm, bool isIncoming, MigrationJobStatus status, MigrationPhase phase) => new()
    {
        Vm = vm.Name,
        Uuid = vm.Uuid,
        Source = isIncoming ? null : vm.VmHost,
        Destination = isIncoming ? vm.VmHost : null,
        Status = status,
        Phase = phase,
    };

    private static MigrationJobStatus StatusOf(Vm vm, JobStatistics statistics)
    {
        if (vm.Status.IsPostCopyFailed)
        {
            return MigrationJobStatus.PostCopyPaused;
        }

        if (!statistics.IsCompleted)
        {
            return MigrationJobStatus.Running;
        }

        // Older daemons don't say whether an ended job succeeded; where the VM runs does.
        var stayed = statistics.Operation == JobOperation.MigrationOut && vm.Status.IsActive;
        return statistics.Success ?? !stayed ? MigrationJobStatus.Completed : MigrationJobStatus.Failed;
    }

    private static MigrationPhase PhaseOf(Vm vm, JobStatistics statistics) =>
        statistics.IsCompleted ? MigrationPhase.Ended :
        vm.Status.IsPostCopyHalf ? MigrationPhase.PostCopy :
        statistics.DataProcessed > 0 ? MigrationPhase.Copying :
        MigrationPhase.Preparing;
}

/// <summary>Makes one account of a migration of what its two hosts say.</summary>
internal static class MigrationJobMerge
{
    /// <summary>Merges two accounts. The source accounts for the move; what is under way says more than what a host remembers.</summary>
    /// <param name="one">What one host says.</param>
    /// <param name="other">What the other says.</param>
    /// <returns>One account.</returns>
    public static VmMigrationJobInfo Merge(VmMigrationJobInfo one, VmMigrationJobInfo other)
    {
        var (main, side) = Weight(one) >= Weight(other) ? (one, other) : (other, one);
        if (main.Status != side.Status && !(IsUnderWay(main) && IsUnderWay(side)))
        {
            return main;
        }

        return main with
        {
            Source = main.Source ?? side.Source,
            Destination = main.Destination ?? side.Destination,

            // One daemon that lost sight of a post-copy does not stop it; only both QEMUs know that it broke.
            Status = main.Status == side.Status ? main.Status : MigrationJobStatus.Running,
        };
    }

    /// <summary>
    /// Whether a VM is only known to have arrived. That tells where a migration went which its source accounts for, and is none by itself.
    /// </summary>
    /// <param name="job">The account.</param>
    /// <returns>True when it is.</returns>
    public static bool IsMereArrival(VmMigrationJobInfo job) => job is { Source: null, Statistics: null, Phase: MigrationPhase.Ended };

    /// <summary>Whether an account is of a move the other way round, which a host remembers from before this one began.</summary>
    /// <param name="found">The account.</param>
    /// <param name="job">The migration that is meant.</param>
    /// <returns>True when it is.</returns>
    public static bool IsEarlier(VmMigrationJobInfo found, VmMigrationJobInfo job) => found.Phase == MigrationPhase.Ended &&
        ((found.Source is { } source && string.Equals(source.Uri, job.Destination?.Uri, StringComparison.Ordinal)) ||
        (found.Destination is { } destination && string.Equals(destination.Uri, job.Source?.Uri, StringComparison.Ordinal)));

    private static bool IsUnderWay(VmMigrationJobInfo job) => job.Status is MigrationJobStatus.Running or MigrationJobStatus.PostCopyPaused;

    private static int Weight(VmMigrationJobInfo job) => (IsUnderWay(job) ? 2 : 0) + (job.Source is null ? 0 : 1);
}

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

/// <summary>The migrations on a number of hosts.</summary>
/// <param name="Jobs">The migrations, one entry a VM.</param>
/// <param name="Failures">The hosts that could not be asked, and why.</param>
internal sealed record MigrationJobListing(
    IReadOnlyList<VmMigrationJobInfo> Jobs,
    IReadOnlyList<KeyValuePair<HostConnection, HypervisorException>> Failures);
