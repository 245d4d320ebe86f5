using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>
/// The steps of libvirt's protocol v3, as its driver takes them one after the other: Begin, Prepare, Perform, Finish, Confirm
/// (qemu_migration.c, virDomainMigrateVersion3Full).
/// </summary>
internal sealed class MigrationProtocol(SimulatedWorld world, SimulatedMigration migration)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private TimeSpan? _lockDeadline;

    public void Begin()
    {
        if (_lockDeadline is null)
        {
            migration.Enter(MigrationStep.Begin, FaultPoint.Begin);
        }

        if (!migration.Source.IsPowered || !migration.Source.IsDaemonUp || (migration.Source.IsCut && !migration.OutlivesCall))
        {
            migration.End(SimulatedErrors.Unreachable(migration.Source, "Connection refused"));
        }
        else if (migration.Source.IsExhausted)
        {
            migration.After(Poll, Begin);
        }
        else if (migration.Source.Domain is not { } domain)
        {
            migration.End(SimulatedErrors.NotFound(migration.Source, world.Uuid));
        }
        else if (domain.Job != DomainJob.None)
        {
            WaitForLock(Begin);
        }
        else if (domain.IsActive == migration.IsOffline)
        {
            migration.End(migration.IsOffline
                ? SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: domain is already running", migration.Source)
                : SimulatedErrors.NotRunning(migration.Source));
        }
        else if (migration.Takes(FaultKind.BeginFails))
        {
            migration.End(SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: cannot migrate domain with 1 snapshots", migration.Source));
        }
        else
        {
            _lockDeadline = null;
            migration.IsPausedOnArrival = migration.Flags.HasFlag(MigrationFlags.Paused) || domain.State == VmState.Paused;
            migration.SentDefinition = domain.PersistentDefinition ?? domain.LiveDefinition;
            if (migration.IsPeerToPeer || migration.Flags.HasFlag(MigrationFlags.ChangeProtection))
            {
                migration.Outgoing.TakeJob(domain);
            }

            migration.After(world.Random.Between(5, 60), Prepare);
        }
    }

    /// <summary>QEMU has sent all but what fits into the allowed downtime.</summary>
    public void SwitchOver(TimeSpan downtime)
    {
        migration.NoteStop();
        migration.Outgoing.Stop();
        if (migration.Source.IsDaemonUp)
        {
            migration.Enter(MigrationStep.Switchover, FaultPoint.Switchover);
            migration.After(downtime, Performed);
        }

        // Without its daemon QEMU waits before the switchover until libvirt lets it go on; the daemon that comes back cancels it.
    }

    /// <summary>Confirm, from the driver to the source.</summary>
    public void Confirm()
    {
        if (migration.Step != MigrationStep.Confirm)
        {
            migration.Enter(MigrationStep.Confirm, FaultPoint.Confirm);
        }

        if (!migration.IsPeerToPeer && migration.SourceLink != LinkState.Up)
        {
            // That Confirm failed is not told: the source is left as it is, and the call succeeds.
            if (migration.SourceLink == LinkState.Lost)
            {
                migration.End(null);
            }
        }
        else if (migration.Source.IsExhausted)
        {
            migration.After(Poll, Confirm);
        }
        else if (migration.Source.IsDaemonUp)
        {
            migration.After(world.Random.Between(10, 150), migration.Confirmed);
        }
    }

    private void Prepare()
    {
        if (migration.Step != MigrationStep.Prepare)
        {
            migration.Enter(MigrationStep.Prepare, FaultPoint.Prepare);
        }

        if (migration.DestinationLink == LinkState.Silent)
        {
            return;
        }

        if (!migration.Destination.IsPowered || !migration.Destination.IsDaemonUp || (migration.Destination.IsCut && !migration.OutlivesCall))
        {
            migration.CancelPrepare(SimulatedErrors.Unreachable(migration.Destination, "Connection refused"));
        }
        else if (migration.Destination.IsExhausted)
        {
            migration.After(Poll, Prepare);
        }
        else if (migration.Destination == migration.Source)
        {
            migration.CancelPrepare(SimulatedErrors.Of(LibvirtErrorCode.InternalError, $"internal error: Attempt to migrate guest to the same host {migration.Source.Name}", migration.Destination));
        }
        else if (migration.Destination.Domain is { } there && (there.IsActive || there.Job != DomainJob.None))
        {
            migration.CancelPrepare(SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, $"Requested operation is not valid: domain '{world.Name}' is already active", migration.Destination));
        }
        else if (migration.Takes(FaultKind.PrepareFails))
        {
            migration.CancelPrepare(world.Random.Next(3) switch
            {
                0 => SimulatedErrors.Of(LibvirtErrorCode.SystemError, "Cannot access storage file '/images/vm.qcow2': No such file or directory", migration.Destination),
                1 => SimulatedErrors.Failed(migration.Destination, "migration hook failed: exit status 1"),
                _ => SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: process exited while connecting to monitor: cannot set up guest memory: Cannot allocate memory", migration.Destination),
            });
        }
        else if (migration.IsOffline)
        {
            migration.After(world.Random.Between(10, 100), Finish);
        }
        else
        {
            migration.Incoming.Start();
            if (!migration.IsOurs || world.Faults.Take(FaultKind.PrepareHangs) is not { } hang)
            {
                migration.After(world.Random.Between(50, 600), Prepared);
            }
            else
            {
                HangInPrepare(hang);
            }
        }
    }

    private void HangInPrepare(Fault hang)
    {
        // A hook holds the job alone; an unreachable mount holds the domain's object.
        if (hang.Variant % 2 == 0)
        {
            migration.Destination.HoldDomain(hang.Duration);
        }

        migration.After(hang.Duration, hang.Variant % 3 == 0 ? () => migration.CancelPrepare(SimulatedErrors.Failed(migration.Destination, "hook script execution failed")) : Prepared);
    }

    private void Prepared()
    {
        if (!migration.Incoming.IsThere)
        {
            migration.CancelPrepare(SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: guest unexpectedly quit", migration.Destination));
            return;
        }

        migration.Destination.SetState(VmState.Paused, Reasons.PausedMigration);
        migration.After(world.Latency(), Perform);
    }

    private void Perform()
    {
        if (!migration.IsPeerToPeer && migration.SourceLink == LinkState.Silent)
        {
            return;
        }

        if (migration.Source.Domain is not { IsActive: true } domain)
        {
            migration.CancelPrepare(SimulatedErrors.NotRunning(migration.Source));
        }
        else if (migration.Source.IsExhausted)
        {
            migration.After(Poll, Perform);
        }
        else if (domain.Migration != migration && domain.Job != DomainJob.None)
        {
            WaitForLock(Perform);
        }
        else if (migration.IsAbortRequested)
        {
            migration.CancelPrepare(migration.Aborted());
        }
        else
        {
            migration.Outgoing.TakeJob(domain);
            migration.Enter(MigrationStep.Perform, FaultPoint.Perform);
            migration.StartCopy();
        }
    }

    private void Performed()
    {
        if (!migration.Source.IsDaemonUp)
        {
            return;
        }

        migration.NoteDowntime();
        migration.Enter(MigrationStep.Performed, FaultPoint.Performed);
        migration.Outgoing.KeepAccount();
        if (migration.IsPeerToPeer || migration.SourceLink == LinkState.Up)
        {
            migration.After(world.Latency(), Finish);
        }
    }

    private void Finish()
    {
        if (migration.Step != MigrationStep.Finish)
        {
            migration.Enter(MigrationStep.Finish, FaultPoint.Finish);
        }

        if (migration.DestinationLink != LinkState.Up || !migration.Destination.IsPowered || !migration.Destination.IsDaemonUp)
        {
            return;
        }

        if (migration.Destination.IsExhausted)
        {
            migration.After(Poll, Finish);
        }
        else if (migration.Takes(FaultKind.FinishFails))
        {
            migration.Incoming.Stop();
            migration.CancelConfirm(SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: qemu unexpectedly closed the monitor: load of migration failed: Input/output error", migration.Destination));
        }
        else if (migration.IsOurs && world.Faults.Take(FaultKind.FinishHangs) is { } hang)
        {
            migration.After(hang.Duration, Finished);
        }
        else
        {
            migration.After(world.Random.Between(20, 300), Finished);
        }
    }

    private void Finished()
    {
        if (migration.Incoming.TakeOver() is { } error)
        {
            migration.CancelConfirm(error);
        }
        else if (migration.DestinationLink == LinkState.Up)
        {
            migration.After(world.Latency(), Confirm);
        }
    }

    private void WaitForLock(Action again)
    {
        _lockDeadline ??= world.Time.Now + LockTimeout;
        if (world.Time.Now >= _lockDeadline)
        {
            migration.CancelPrepare(SimulatedErrors.Busy(migration.Source));
        }
        else
        {
            migration.After(Poll, again);
        }
    }
}
