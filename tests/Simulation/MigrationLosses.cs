using VirtMigrate.Hosts;

namespace VirtMigrate.Simulation;

/// <summary>The state of what a migration's driver reaches one of the hosts by.</summary>
internal enum LinkState
{
    Up,

    /// <summary>Nothing passes, and neither side knows.</summary>
    Silent,

    Lost,
}

/// <summary>
/// What becomes of a migration when a link, its client, a daemon or a QEMU is lost, by the step that it was in
/// (qemuMigrationAnyConnectionClosed, qemuProcessRecoverMigrationIn and -Out, virDomainMigrateVersion3Full).
/// </summary>
internal static class MigrationLosses
{
    /// <summary>The driver's link to a host is gone, and both know.</summary>
    public static void Lose(SimulatedMigration migration, SimulatedHost host, SimulatedWorld world)
    {
        migration.SetLink(host, LinkState.Lost);
        var lost = SimulatedErrors.Lost(host, world.Way, "End of file while reading data: Input/output error");
        if (host == migration.Source)
        {
            LoseSource(migration, lost, world);
        }
        else
        {
            LoseDestination(migration, lost, world);
        }
    }

    // Finish and Confirm go to the other host: a driver that has only lost the source goes on with them, and one that was killed does not.
    private static void LoseSource(SimulatedMigration migration, HypervisorException lost, SimulatedWorld world)
    {
        switch (migration.Step)
        {
            case MigrationStep.Begin or MigrationStep.Prepare:
                migration.Abandon();
                migration.Outgoing.Release();
                EndHalf(migration, world);
                migration.End(lost);
                break;

            case MigrationStep.Perform or MigrationStep.Switchover when migration.DestinationLink == LinkState.Lost:
                EndHalf(migration, world);
                migration.FailPerform(StreamBroken(migration));
                break;

            case MigrationStep.Perform or MigrationStep.Switchover:
                // The client takes the destination's half back; the source's stream breaks by that, unless QEMU is through before.
                migration.Reply(lost);
                migration.Incoming.Kill(world.Latency());
                world.Time.Schedule(world.Random.Between(2, 40), () =>
                {
                    if (migration.Step is MigrationStep.Perform or MigrationStep.Switchover)
                    {
                        migration.FailPerform(StreamBroken(migration));
                    }
                    else
                    {
                        Forget(migration);
                    }
                });
                break;

            case MigrationStep.Performed:
                migration.Abandon();
                Forget(migration);
                EndHalf(migration, world);
                migration.End(lost);
                break;

            case MigrationStep.Finish:
                Forget(migration);
                break;

            case MigrationStep.PostCopy:
                migration.PostCopy.Fail(migration.Source);
                migration.PostCopy.IsUnattended = true;
                break;

            case MigrationStep.Confirm:
                migration.End(null);
                break;
        }
    }

    // A client that lives tells the destination to end its half; with one that is gone the connection goes, and the half with it.
    private static void EndHalf(SimulatedMigration migration, SimulatedWorld world)
    {
        if (migration.DestinationLink == LinkState.Lost)
        {
            migration.Incoming.Destroy(world.Latency());
        }
        else
        {
            migration.Incoming.Kill(world.Latency());
        }
    }

    private static void LoseDestination(SimulatedMigration migration, HypervisorException lost, SimulatedWorld world)
    {
        switch (migration.Step)
        {
            case MigrationStep.Prepare or MigrationStep.Perform or MigrationStep.Switchover:
                // The destination's half is destroyed with the connection that started it.
                migration.Incoming.Destroy(world.Latency());
                migration.FailPerform(migration.IsPeerToPeer
                    ? SimulatedErrors.Failed(migration.Source, "Lost connection to destination host")
                    : StreamBroken(migration));
                break;

            case MigrationStep.Performed:
                migration.Incoming.Kill(world.Latency());
                migration.CancelConfirm(lost);
                break;

            case MigrationStep.Finish:
                // What the destination has begun it ends, unheard.
                if (!migration.Incoming.HasArrived)
                {
                    var finishing = world.Random.Chance(0.5);
                    if (!finishing)
                    {
                        migration.Incoming.Kill(world.Latency());
                    }

                    migration.CancelUnheard(lost, finishing);
                }
                else
                {
                    migration.CancelConfirm(lost);
                }

                break;

            case MigrationStep.PostCopy:
                migration.PostCopy.Fail(migration.Source);
                migration.PostCopy.IsUnattended = true;
                migration.Reply(lost);
                break;
        }
    }

    /// <summary>Nothing passes between the driver and a host any more; both learn it by their keepalive.</summary>
    public static void Silence(SimulatedMigration migration, SimulatedHost host, SimulatedWorld world)
    {
        if (migration.LinkTo(host) != LinkState.Up)
        {
            return;
        }

        migration.SetLink(host, LinkState.Silent);
        world.Time.Schedule(SimulatedWorld.Keepalive, () =>
        {
            if (migration.LinkTo(host) == LinkState.Silent)
            {
                Lose(migration, host, world);
            }
        });
    }

    /// <summary>The process that drives a migration from beside this one was killed: both links close, and nobody follows up.</summary>
    public static void KillClient(SimulatedMigration migration, SimulatedWorld world)
    {
        var killed = SimulatedErrors.Lost(migration.Source, world.Way, "the client was killed");
        migration.SetLink(migration.Source, LinkState.Lost);
        migration.SetLink(migration.Destination, LinkState.Lost);
        migration.Reply(killed);
        LoseSource(migration, killed, world);
    }

    public static void QemuGone(SimulatedMigration migration, SimulatedHost host, SimulatedWorld world)
    {
        switch (migration.Step)
        {
            case MigrationStep.Perform or MigrationStep.Switchover when host == migration.Destination && world.Scenario.Oddity == LibvirtOddity.QemusEndTogether:
                world.EndGuestOn(migration.Source, GuestFate.Crashed, Reasons.ShutOffCrashed, "its QEMU ended with the destination's");
                break;

            case MigrationStep.Perform or MigrationStep.Switchover or MigrationStep.Prepare when host == migration.Destination:
                migration.FailPerform(StreamBroken(migration));
                break;

            case MigrationStep.Perform or MigrationStep.Switchover:
                migration.FailPerform(SimulatedErrors.Failed(host, "domain is not running"));
                break;

            case MigrationStep.PostCopy:
                migration.Abandon();
                migration.PostCopy.Fail(host == migration.Source ? migration.Destination : migration.Source);
                migration.Reply(SimulatedErrors.Failed(host, "job 'migration out' failed in post-copy phase"));
                break;
        }
    }

    public static void DaemonDown(SimulatedMigration migration, SimulatedHost host, SimulatedWorld world)
    {
        if (host == migration.Source)
        {
            if (!migration.IsPeerToPeer)
            {
                // What the daemon itself does, it does when it is back.
                LoseSourceOfDaemon(migration, world);
            }
            else
            {
                // The driver is gone: the destination's half is destroyed with its connection, unless it is in Finish or runs already.
                migration.SetLink(migration.Destination, LinkState.Lost);
                if (migration.Step is MigrationStep.Begin or MigrationStep.Prepare or MigrationStep.Performed)
                {
                    migration.Abandon();
                }

                if (migration.Step is not (MigrationStep.PostCopy or MigrationStep.Finish or MigrationStep.Confirm))
                {
                    migration.Incoming.Destroy(world.Latency());
                }
            }
        }
        else if (migration.Step != MigrationStep.PostCopy)
        {
            // The destination's half dies when its daemon is back; until then the stream goes on into it.
            var lost = SimulatedErrors.Lost(host, world.Way, "End of file while reading data: Input/output error");
            migration.SetLink(host, LinkState.Lost);
            switch (migration.Step)
            {
                case MigrationStep.Prepare or MigrationStep.Perform or MigrationStep.Switchover:
                    migration.FailPerform(migration.IsPeerToPeer ? SimulatedErrors.Failed(migration.Source, "Lost connection to destination host") : lost);
                    break;

                case MigrationStep.Performed or MigrationStep.Finish:
                    migration.CancelConfirm(lost);
                    break;
            }
        }
        else
        {
            migration.PostCopy.IsUnattended = true;
            migration.PostCopy.Fail(migration.Source);
            migration.Reply(SimulatedErrors.Lost(host, world.Way, "End of file while reading data: Input/output error"));
        }
    }

    public static void DaemonUp(SimulatedMigration migration, SimulatedHost host, SimulatedWorld world)
    {
        if (migration.PostCopy.IsBroken || migration.Step == MigrationStep.PostCopy)
        {
            migration.PostCopy.Fail(host);
            return;
        }

        if (host == migration.Source)
        {
            switch (migration.RecoveryStep)
            {
                case MigrationStep.Perform or MigrationStep.Switchover:
                    migration.Abandon();
                    migration.Outgoing.Restore();
                    migration.Outgoing.Release();
                    migration.Incoming.Kill(world.Latency());
                    migration.End(StreamBroken(migration));
                    break;

                case MigrationStep.Confirm:
                    migration.Confirmed();
                    break;

                default:
                    // Begin is forgotten; of what was performed nobody knows whether the destination took it: the guest stays as it is.
                    migration.Outgoing.Release();
                    migration.Incoming.Kill(world.Latency());
                    if (migration.Step is MigrationStep.Begin or MigrationStep.Prepare or MigrationStep.Performed)
                    {
                        migration.End(StreamBroken(migration));
                    }

                    break;
            }
        }
        else
        {
            migration.Incoming.Kill(TimeSpan.Zero);
        }
    }

    public static void PowerLost(SimulatedMigration migration, SimulatedHost host, SimulatedWorld world)
    {
        var isSource = host == migration.Source;
        if (migration.Step == MigrationStep.PostCopy)
        {
            migration.Abandon();
            world.Time.Schedule(SimulatedWorld.Keepalive, () =>
            {
                migration.PostCopy.Fail(isSource ? migration.Destination : migration.Source);
                migration.Reply(SimulatedErrors.Lost(host, world.Way, "connection closed due to keepalive timeout"));
            });
            return;
        }

        if (isSource && migration.Step is not (MigrationStep.Finish or MigrationStep.Confirm))
        {
            migration.Abandon();
            world.Time.Schedule(SimulatedWorld.Keepalive, () =>
            {
                migration.Incoming.Kill(world.Latency());
                migration.End(SimulatedErrors.Lost(host, world.Way, "connection closed due to keepalive timeout"));
            });
        }
        else if (!isSource && migration.Step is MigrationStep.Perform or MigrationStep.Switchover or MigrationStep.Prepare)
        {
            migration.Abandon();
            world.Time.Schedule(SimulatedWorld.Keepalive, () => migration.FailPerform(StreamBroken(migration)));
        }
        else if (!(isSource && migration.IsPeerToPeer))
        {
            Silence(migration, host, world);
        }
    }

    // The source forgets its job; the guest stays as it is, paused, since nobody there knows what the destination did.
    private static void Forget(SimulatedMigration migration)
    {
        if (migration.Source.IsDaemonUp)
        {
            migration.Outgoing.Release();
        }
    }

    private static void LoseSourceOfDaemon(SimulatedMigration migration, SimulatedWorld world)
    {
        migration.SetLink(migration.Source, LinkState.Lost);
        switch (migration.Step)
        {
            case MigrationStep.Begin or MigrationStep.Prepare or MigrationStep.Performed:
                migration.Reply(SimulatedErrors.Lost(migration.Source, world.Way, "End of file while reading data: Input/output error"));
                migration.Abandon();
                migration.Incoming.Kill(world.Latency());
                break;

            case MigrationStep.Perform or MigrationStep.Switchover:
                migration.Reply(SimulatedErrors.Lost(migration.Source, world.Way, "End of file while reading data: Input/output error"));
                migration.Incoming.Kill(world.Latency());
                break;

            case MigrationStep.PostCopy:
                migration.PostCopy.IsUnattended = true;
                break;
        }
    }

    private static HypervisorException StreamBroken(SimulatedMigration migration) =>
        SimulatedErrors.Failed(migration.Source, "migration out job: unexpectedly failed: Unable to write to socket: Connection reset by peer");
}
