using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>The source's side of a migration: the job that it holds, and the guest that it takes back or lets go.</summary>
internal sealed class OutgoingHalf(SimulatedWorld world, SimulatedMigration migration)
{
    private TimeSpan? _formerMaxDowntime;

    public SimulatedHost Host => migration.Source;

    public TimeSpan JobBegan { get; private set; }

    /// <summary>Whether the guest ran when the job began, so that it runs again where the migration ends.</summary>
    public bool WasRunning { get; private set; }

    public void TakeJob(SimulatedDomain domain)
    {
        if (domain.Migration == migration)
        {
            return;
        }

        domain.Job = DomainJob.MigrationOut;
        domain.Migration = migration;
        WasRunning = domain.State == VmState.Running;
        _formerMaxDowntime = domain.MaxDowntime;
        JobBegan = world.Time.Now;
    }

    public void Release()
    {
        if (Host.Domain is { } domain && domain.Migration == migration)
        {
            domain.Migration = null;
            domain.Job = DomainJob.None;
            Host.Unpark();
        }
    }

    /// <summary>The guest stands still for the switchover.</summary>
    public void Stop()
    {
        Host.Domain!.IsExecuting = false;
        if (WasRunning && Host.IsDaemonUp && Host.Domain.State == VmState.Running)
        {
            Host.SetState(VmState.Paused, Reasons.PausedMigration);
            Host.Emit(Lifecycle.SuspendedMigrated);
        }
    }

    /// <summary>The guest runs again, where it ran before and its images are not in use elsewhere.</summary>
    public void Restore()
    {
        if (Host.Domain is not { IsActive: true } domain || domain.Migration != migration)
        {
            return;
        }

        if (!Host.IsDaemonUp)
        {
            // QEMU goes on by itself; the daemon that comes back finds it so.
            domain.IsExecuting = WasRunning && !world.IsGuestElsewhere(Host);
            return;
        }

        // libvirt sets QEMU's parameters back to what they were when the migration began.
        domain.MaxDowntime = _formerMaxDowntime ?? domain.MaxDowntime;
        if (!WasRunning || world.IsGuestElsewhere(Host))
        {
            return;
        }

        if (domain is { State: VmState.Paused, Reason: Reasons.PausedMigration or Reasons.Unknown })
        {
            domain.IsExecuting = true;
            Host.SetState(VmState.Running, Reasons.RunningMigrationCanceled);
            Host.Emit(Lifecycle.ResumedMigrated);
        }
        else if (domain.State == VmState.Running)
        {
            domain.IsExecuting = true;
            world.NoteChange();
        }
    }

    /// <summary>A migration that failed leaves its account, in some versions of libvirt.</summary>
    public void KeepFailedAccount(string error)
    {
        if (Host.IsDaemonUp && world.KeepsFailedAccounts && Host.Domain is { } domain && migration.Copy is { } copy)
        {
            domain.Completed = copy.Read(JobOperation.MigrationOut, isCompleted: true, success: false, error);
        }
    }

    public void KeepAccount()
    {
        if (Host.Domain is { } domain && migration.Copy is { } copy)
        {
            domain.Completed = copy.Read(JobOperation.MigrationOut, isCompleted: true, success: true);
        }
    }

    /// <summary>Confirm with success: the QEMU ends, and the definition goes where that was asked for.</summary>
    public void LetGo()
    {
        if (Host.Domain is not { } domain)
        {
            return;
        }

        domain.Migration = null;
        domain.Job = DomainJob.None;
        KeepAccount();
        Host.StopQemu(Reasons.ShutOffMigrated);
        if (domain.Completed is { } account && migration.Copy is not null)
        {
            Host.Emit(new JobCompletedEvent(world.Uuid, account));
        }

        if (migration.Flags.HasFlag(MigrationFlags.UndefineSource) && domain.PersistentDefinition is not null
            && !migration.Takes(FaultKind.UndefineFails))
        {
            Host.Domain = null;
            Host.Emit(Lifecycle.UndefinedRemoved);
            world.NoteChange();
        }

        Host.Unpark();
    }
}
