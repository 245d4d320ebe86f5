using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>The destination's side of a migration: the QEMU that is started for it, and that takes the guest over or is killed.</summary>
internal sealed class IncomingHalf(SimulatedWorld world, SimulatedMigration migration)
{
    public SimulatedHost Host => migration.Destination;

    /// <summary>Whether the guest, or the definition, has been taken over.</summary>
    public bool HasArrived { get; private set; }

    public TimeSpan ArrivedAt { get; private set; }

    public bool IsThere => Host.Domain is { IsActive: true } domain && domain.Migration == migration;

    public void Start()
    {
        var domain = Host.Domain ??= new();
        domain.IsActive = true;
        domain.Id = 1 + world.Random.Next(90);
        domain.LiveDefinition = migration.SentDefinition;
        domain.Job = DomainJob.MigrationIn;
        domain.Migration = migration;
        Host.SetState(VmState.Paused, Reasons.PausedStartingUp);
        Host.Emit(Lifecycle.StartedMigrated);
    }

    /// <summary>The destination's part of Finish: the guest runs, or its half is killed and the reason told.</summary>
    public HypervisorException? TakeOver()
    {
        if (migration.IsOffline)
        {
            var kept = Host.Domain ??= new();
            Persist(kept);
            Arrive(kept);
            return null;
        }

        if (!IsThere)
        {
            return Error("internal error: guest unexpectedly quit");
        }

        if (world.IsGuestElsewhere(Host))
        {
            // The images are locked by a guest that runs.
            Stop();
            return Error("internal error: unable to execute QEMU command 'cont': Failed to get \"write\" lock");
        }

        var domain = Host.Domain!;
        Persist(domain);
        if (migration.IsPausedOnArrival)
        {
            Host.SetState(VmState.Paused, Reasons.PausedUser);
            Host.Emit(Lifecycle.SuspendedPaused);
        }
        else
        {
            domain.IsExecuting = true;
            Host.SetState(VmState.Running, world.Scenario.ArrivesUnpaused ? Reasons.RunningUnpaused : Reasons.RunningMigrated);
            Host.Emit(Lifecycle.ResumedMigrated);
        }

        migration.NoteDowntime();
        Arrive(domain);
        return null;
    }

    /// <summary>The guest runs here while the rest of its memory is still at the source.</summary>
    public void RunInPostCopy()
    {
        var domain = Host.Domain!;
        Persist(domain);
        domain.IsExecuting = true;
        migration.NoteDowntime();
        Host.SetState(VmState.Running, Reasons.RunningPostCopy);
        Host.Emit(Lifecycle.ResumedPostCopy);
    }

    /// <summary>All of the memory is here.</summary>
    public void EndPostCopy()
    {
        Host.SetState(VmState.Running, Reasons.RunningMigrated);
        Host.Emit(Lifecycle.ResumedMigrated);
        Arrive(Host.Domain!);
    }

    public void Stop(int reason = Reasons.ShutOffFailed)
    {
        if (IsThere)
        {
            Host.Domain!.Migration = null;
            Host.Domain.Job = DomainJob.None;
            Host.StopQemu(reason);
        }
    }

    /// <summary>The QEMU ends: told to, or since its stream broke.</summary>
    public void Kill(TimeSpan after) => world.Time.Schedule(after, () =>
    {
        if (MayBeKilled)
        {
            Stop();
        }
    });

    /// <summary>The QEMU is destroyed with the connection that started it (virCloseCallbacks).</summary>
    public void Destroy(TimeSpan after) => world.Time.Schedule(after, () =>
    {
        if (MayBeKilled)
        {
            Stop(Reasons.ShutOffDestroyed);
        }
    });

    // One that runs a guest in post-copy is never killed.
    private bool MayBeKilled => !HasArrived && IsThere && !Host.IsExecuting;

    private void Arrive(SimulatedDomain domain)
    {
        domain.Job = DomainJob.None;
        domain.Migration = null;
        domain.Completed = migration.Copy?.Read(JobOperation.MigrationIn, isCompleted: true, success: true) ?? domain.Completed;
        HasArrived = true;
        ArrivedAt = world.Time.Now;
        Host.Unpark();
        world.NoteChange();
    }

    private void Persist(SimulatedDomain domain)
    {
        if (migration.Flags.HasFlag(MigrationFlags.PersistDestination))
        {
            Host.Emit(domain.PersistentDefinition is null ? Lifecycle.DefinedAdded : Lifecycle.DefinedUpdated);
            domain.PersistentDefinition = migration.SentDefinition;
        }
    }

    private HypervisorException Error(string message) => SimulatedErrors.Of(LibvirtErrorCode.InternalError, message, Host);
}
