using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>Post-copy: the guest runs at the destination and fetches the rest of its memory from the source's half, which may break and be resumed.</summary>
internal sealed class PostCopyPhase(SimulatedWorld world, SimulatedMigration migration)
{
    // A kernel that hears nothing of what it has sent gives a connection up (tcp_retries2).
    private static readonly TimeSpan TcpTimeout = TimeSpan.FromSeconds(924);

    /// <summary>Whether the guest has left the source, half-way.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Whether both halves stand still.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Since when nothing has passed between the halves, though neither of them knows of a break; null while all goes on.</summary>
    public TimeSpan? StalledAt { get; private set; }

    /// <summary>Whether nobody follows any more while the QEMUs carry on.</summary>
    public bool IsUnattended { get; set; }

    /// <summary>Whether the destination's QEMU hangs after a break, as that of a busy guest was seen to.</summary>
    public bool Hangs { get; set; }

    private bool IsUnderWay => migration.Step == MigrationStep.PostCopy && !IsBroken;

    private bool IsAllowed => migration.Flags.HasFlag(MigrationFlags.PostCopy);

    /// <summary>virDomainMigrateStartPostCopy.</summary>
    public void Start()
    {
        if (migration.Step != MigrationStep.Perform || !IsAllowed)
        {
            throw IsAllowed ? SimulatedErrors.NoPostCopyYet(migration.Source) : SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid,
                "Requested operation is not valid: switching to post-copy requires migration to be started with VIR_MIGRATE_POSTCOPY flag", migration.Source);
        }

        migration.After(world.Random.Between(20, 80), SwitchOver);
    }

    /// <summary>Both halves stand still until it is resumed; the call fails.</summary>
    public void Break()
    {
        if (migration.Step != MigrationStep.PostCopy || IsBroken)
        {
            return;
        }

        IsBroken = true;
        StalledAt = null;
        migration.Abandon();
        Fail(migration.Source);
        Fail(migration.Destination);
        migration.Reply(SimulatedErrors.Failed(migration.Source, "job 'migration out' failed in post-copy phase"));
    }

    /// <summary>One daemon marks its half as failed, whether or not the QEMUs carry on.</summary>
    public void Fail(SimulatedHost host)
    {
        if (host.Domain is not { IsActive: true } domain || domain.Migration != migration || !host.IsDaemonUp)
        {
            return;
        }

        if (host == migration.Source)
        {
            host.SetState(VmState.Paused, Reasons.PausedPostCopyFailed);
            host.Emit(Lifecycle.SuspendedPostCopyFailed);
        }
        else
        {
            host.SetState(VmState.Running, Reasons.RunningPostCopyFailed);
            host.Emit(Lifecycle.ResumedPostCopyFailed);
        }
    }

    /// <summary>VIR_MIGRATE_POSTCOPY_RESUME.</summary>
    public void Resume()
    {
        if (Hangs)
        {
            // The destination's QEMU answers nothing after the break, and the call waits for it.
            return;
        }

        if (!IsBroken || migration.Source.Domain is not { IsActive: true } || !migration.Incoming.IsThere)
        {
            migration.Reply(SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: QEMU reports migration is still running", migration.Source));
            return;
        }

        IsBroken = false;
        IsUnattended = false;
        migration.SetLink(migration.Source, LinkState.Up);
        migration.SetLink(migration.Destination, LinkState.Up);
        migration.Source.SetState(VmState.Paused, Reasons.PausedPostCopy);
        migration.Destination.SetState(VmState.Running, Reasons.RunningPostCopy);
        migration.Copy!.StartPostCopy();
        migration.Reach(FaultPoint.PostCopy);
    }

    /// <summary>All pages have arrived.</summary>
    public void Complete()
    {
        if (!migration.Incoming.IsThere)
        {
            return;
        }

        // Libvirt counts the downtime of a post-copy to its end, though the guest goes on long before.
        migration.NoteDowntime();
        migration.Incoming.EndPostCopy();
        if (IsUnattended && world.Scenario.Oddity == LibvirtOddity.PostCopyEndIsMissed)
        {
            return;
        }

        migration.After(world.Latency(), IsUnattended ? migration.Confirmed : migration.Protocol.Confirm);
    }

    private void SwitchOver()
    {
        if (migration.Step != MigrationStep.Perform || migration.Source.Domain is not { } domain)
        {
            return;
        }

        migration.Copy!.Stop();
        migration.NoteStop();
        domain.IsExecuting = false;
        HasBegun = true;
        migration.Enter(MigrationStep.PostCopy, null);
        migration.Source.SetState(VmState.Paused, Reasons.PausedMigration);
        migration.Source.Emit(Lifecycle.SuspendedMigrated);
        migration.After(world.Random.Between(0, 25), () => TellOfPostCopy(migration.Source));
        migration.After(world.Random.Between(30, 200), () =>
        {
            if (migration.Incoming.IsThere)
            {
                migration.Incoming.RunInPostCopy();
                migration.Copy.StartPostCopy();
                migration.Reach(FaultPoint.PostCopy);
                if (world.Scenario is { Role: MigrationRole.Move, PostCopyStall: { } stall } && migration.IsOurs)
                {
                    world.Time.Schedule(world.Random.Between(0, 400), () => Stall(stall));
                }
            }
        });
    }

    private void Stall(TimeSpan duration)
    {
        if (!IsUnderWay || migration.Copy is not { Remaining: > 0 } copy)
        {
            return;
        }

        StalledAt = world.Time.Now;
        copy.Stop();
        world.Trace?.Add(migration.Source.Name, "qemu", "nothing of the post-copy passes any more");
        if (duration < SimulatedTime.Forever)
        {
            world.Time.Schedule(duration < TcpTimeout ? duration : TcpTimeout, () => EndStall(isBroken: duration >= TcpTimeout));
        }
    }

    private void EndStall(bool isBroken)
    {
        if (!IsUnderWay || StalledAt is null)
        {
            return;
        }

        StalledAt = null;
        if (isBroken)
        {
            Break();
        }
        else
        {
            migration.Copy!.StartPostCopy();
        }
    }

    // QEMU tells first that the guest stands still, and then what for.
    private void TellOfPostCopy(SimulatedHost source)
    {
        if (source is { IsDaemonUp: true, Domain: { IsActive: true, State: VmState.Paused, Reason: Reasons.PausedMigration } domain } && domain.Migration == migration)
        {
            source.SetState(VmState.Paused, Reasons.PausedPostCopy);
            source.Emit(Lifecycle.SuspendedPostCopy);
            source.Emit(new MigrationIterationEvent(world.Uuid, migration.Copy!.Iteration));
        }
    }
}
