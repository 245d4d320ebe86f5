using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>What a fault does at its moment.</summary>
internal static class Strikes
{
    public static void Strike(SimulatedWorld world, Faults faults, Fault fault)
    {
        var host = fault.AtDestination ? world.Destination : world.Source;
        switch (fault.Kind)
        {
            case FaultKind.PerformFails or FaultKind.StreamBreaks:
                if (world.OurMigration is { } ours && ours.Step == MigrationStep.PostCopy)
                {
                    ours.PostCopy.Break();
                }
                else
                {
                    world.OurMigration?.FailPerform(SimulatedErrors.Failed(world.Source, fault.Kind == FaultKind.PerformFails
                        ? "migration out job: unexpectedly failed"
                        : "migration out job: Unable to write to socket: Connection reset by peer"));
                }

                break;
            case FaultKind.PostCopyBreaks:
                if (world.OurMigration is { } broken)
                {
                    broken.PostCopy.Hangs = fault.Variant % 4 == 0;
                    broken.PostCopy.Break();
                    if (broken.PostCopy is { Hangs: true, IsBroken: true })
                    {
                        world.Destination.HoldDomain(fault.Duration);
                    }
                }

                break;
            case FaultKind.ConnectionDrops:
                host.BreakConnections("End of file while reading data: Input/output error");
                if (fault.Variant % 2 == 0)
                {
                    LoseMigrationConnection(world, host);
                }

                break;
            case FaultKind.MigrationConnectionDrops:
                LoseMigrationConnection(world, host);
                break;
            case FaultKind.ConnectionSilent:
                host.SilenceConnections();
                break;
            case FaultKind.ClientKilled:
                KillClient(world);
                break;
            case FaultKind.HostCut:
                host.Cut(fault.Duration);
                break;
            case FaultKind.DaemonRestarts or FaultKind.DaemonRestartsUnknowing:
                host.RestartDaemon(fault.Duration, fault.Kind == FaultKind.DaemonRestartsUnknowing);
                break;
            case FaultKind.WorkersExhausted:
                host.ExhaustWorkers(fault.Duration);
                break;
            case FaultKind.PowerLost:
                host.LosePower(fault.Duration);
                break;
            case FaultKind.WallClockSteps:
                world.Time.StepWallClock(TimeSpan.FromSeconds((fault.Variant % 20001) - 10000));
                break;
            case FaultKind.GuestReboots:
                world.Trace?.Add(host.Name, "guest", "reboots");
                break;
            default:
                if (!Interfere(world, host, fault))
                {
                    faults.Last(fault);
                }

                break;
        }
    }

    // What another client, the guest or its QEMU does to the domain.
    private static bool Interfere(SimulatedWorld world, SimulatedHost host, Fault fault)
    {
        var domain = host.Domain;
        switch (fault.Kind)
        {
            case FaultKind.QemuCrashes:
                if (domain is { IsActive: true })
                {
                    world.EndGuestOn(host, GuestFate.Crashed, Reasons.ShutOffCrashed, "its QEMU crashed");
                }

                return true;
            case FaultKind.GuestShutsDown or FaultKind.OtherShutsDown:
                // Only a guest that runs can shut itself down.
                var running = world.Source.IsExecuting ? world.Source : world.Destination.IsExecuting ? world.Destination : null;
                if (running is not null)
                {
                    world.EndGuestOn(running, GuestFate.ShutDown, Reasons.ShutOffShutdown, fault.Kind.ToString());
                }

                return true;
            case FaultKind.OtherDestroys:
                if (domain is { IsActive: true } && host.IsDaemonUp)
                {
                    world.EndGuestOn(host, GuestFate.Destroyed, Reasons.ShutOffDestroyed, "another client");
                }

                return true;
            case FaultKind.OtherAborts:
                if (host.IsDaemonUp && domain is { Job: DomainJob.MigrationOut, Migration: { Step: not MigrationStep.PostCopy } migration })
                {
                    migration.Abort();
                }

                return true;
            case FaultKind.OtherSuspends:
                if (host.IsDaemonUp && domain is { IsActive: true, Job: not DomainJob.MigrationIn })
                {
                    SimulatedWorld.Suspend(host, domain);
                }

                return true;
            case FaultKind.OtherResumes:
                if (host.IsDaemonUp && domain is { IsActive: true, State: VmState.Paused, Job: not DomainJob.MigrationIn } && !world.IsGuestElsewhere(host)
                    && domain.Migration is not { Step: MigrationStep.Switchover or MigrationStep.Performed or MigrationStep.Finish or MigrationStep.PostCopy })
                {
                    domain.IsExecuting = true;
                    host.SetState(VmState.Running, Reasons.RunningUnpaused);
                    host.Emit(Lifecycle.ResumedUnpaused);
                }

                return true;
            case FaultKind.OtherBacksUp:
                if (host.IsDaemonUp && domain is { IsActive: true, Job: DomainJob.None })
                {
                    domain.Job = DomainJob.Backup;
                    world.BackupBegan = world.Time.Now;
                    world.Time.Schedule(fault.Duration, () =>
                    {
                        if (domain.Job == DomainJob.Backup)
                        {
                            domain.Job = DomainJob.None;
                            host.Unpark();
                        }
                    });
                }

                return true;
            case FaultKind.OtherMigratesBefore or FaultKind.OtherMigratesAfter:
                var flags = MigrationFlags.Live | MigrationFlags.PeerToPeer | (fault.Variant % 2 == 0 ? MigrationFlags.PersistDestination : MigrationFlags.None);
                var other = new SimulatedMigration(world, world.Source, fault.AtDestination ? world.Destination : world.Elsewhere, flags, null);
                world.Add(other);
                other.Protocol.Begin();
                return true;
            case FaultKind.OtherUndefines:
                if (host.IsDaemonUp && domain is not null)
                {
                    domain.PersistentDefinition = null;
                    if (!domain.IsActive)
                    {
                        host.Domain = null;
                    }

                    host.Emit(Lifecycle.UndefinedRemoved);
                    world.NoteChange();
                }

                return true;
            case FaultKind.OtherDefines:
                if (host.IsDaemonUp)
                {
                    host.Domain ??= new();
                    host.Domain.PersistentDefinition = SimulatedWorld.Definition(900 + (fault.Variant % 90));
                    host.Emit(Lifecycle.DefinedUpdated);
                    world.NoteChange();
                }

                return true;
            default:
                return false;
        }
    }

    private static void LoseMigrationConnection(SimulatedWorld world, SimulatedHost host)
    {
        if (world.OurMigration is not { IsUnderWay: true } migration)
        {
            return;
        }

        if (host == world.Source && (migration.IsPeerToPeer || world.Way == SimulatedWay.VirshOverSsh))
        {
            // Nobody but the waiting caller hangs on this one.
            world.BreakCalls(host);
        }
        else
        {
            MigrationLosses.Lose(migration, host, world);
        }
    }

    private static void KillClient(SimulatedWorld world)
    {
        if (world.OurMigration is not { IsUnderWay: true } migration || world.Way == SimulatedWay.InProcess)
        {
            return;
        }

        if (migration.IsPeerToPeer)
        {
            world.BreakCalls(world.Source);
        }
        else
        {
            MigrationLosses.KillClient(migration, world);
        }
    }
}
