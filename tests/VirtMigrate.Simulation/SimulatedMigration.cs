using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Simulation;

/// <summary>How far a migration has come in libvirt's protocol v3.</summary>
internal enum MigrationStep
{
    Begin,
    Prepare,
    Perform,
    Switchover,
    Performed,
    PostCopy,
    Finish,
    Confirm,
    Ended,
}

/// <summary>
/// One migration by libvirt's protocol v3 on both hosts: Begin, Prepare, Perform, Finish, Confirm (qemu_migration.c, virDomainMigrateVersion3Full).
/// What becomes of it when a link or a side is lost is <see cref="MigrationLosses"/>'.
/// </summary>
internal sealed class SimulatedMigration(SimulatedWorld world, SimulatedHost source, SimulatedHost destination, MigrationFlags flags, MigrateCall? call)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);
    private int _epoch;
    private bool _isPausedOnArrival;
    private bool _wasRunning;
    private TimeSpan _formerMaxDowntime;
    private TimeSpan _stoppedAt;
    private TimeSpan? _lockDeadline;
    private MigrateCall? _call = call;

    public SimulatedHost Source { get; } = source;

    public SimulatedHost Destination { get; } = destination;

    /// <summary>Whether the engine that is proved made the call.</summary>
    public bool IsOurs { get; } = call is not null;

    public bool IsPeerToPeer { get; } = flags.HasFlag(MigrationFlags.PeerToPeer);

    /// <summary>Whether who drives it is no process on this machine: the source's daemon, or virsh on the source.</summary>
    public bool OutlivesCall => IsPeerToPeer || world.Way == SimulatedWay.VirshOverSsh || !IsOurs;

    public bool IsOffline { get; } = flags.HasFlag(MigrationFlags.Offline);

    public long Bandwidth { get; set; }

    public MigrationStep Step { get; private set; }

    /// <summary>The state of what the driver reaches each host by.</summary>
    public LinkState SourceLink { get; set; }

    public LinkState DestinationLink { get; set; }

    public MemoryCopy? Copy { get; private set; }

    public TimeSpan JobBegan { get; private set; }

    /// <summary>Whether the guest, or the definition, has been taken over at the destination, and when.</summary>
    public bool HasArrived { get; private set; }

    public TimeSpan ArrivedAt { get; private set; }

    public string? SentDefinition { get; private set; }

    public bool IsPostCopyBroken { get; private set; }

    /// <summary>Whether the two daemons have given up on it while the QEMUs carry on.</summary>
    public bool IsUnattended { get; set; }

    /// <summary>The step that a daemon which comes back finds in its notes.</summary>
    public MigrationStep RecoveryStep { get; private set; }

    public bool IsUnderWay => Step != MigrationStep.Ended;

    private bool IsPostCopyAllowed => flags.HasFlag(MigrationFlags.PostCopy);

    public void Begin()
    {
        if (_lockDeadline is null)
        {
            Enter(MigrationStep.Begin, FaultPoint.Begin);
        }

        if (!Source.IsPowered || !Source.IsDaemonUp || Source.IsCut)
        {
            End(SimulatedErrors.Unreachable(Source, "Connection refused"));
        }
        else if (Source.IsExhausted)
        {
            After(Poll, Begin);
        }
        else if (Source.Domain is not { } domain)
        {
            End(SimulatedErrors.NotFound(Source, world.Name));
        }
        else if (domain.Job != DomainJob.None)
        {
            WaitForLock(Begin);
        }
        else if (domain.IsActive == IsOffline)
        {
            End(IsOffline
                ? SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: domain is already running", Source)
                : SimulatedErrors.NotRunning(Source));
        }
        else if (Takes(FaultKind.BeginFails))
        {
            End(SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: cannot migrate domain with 1 snapshots", Source));
        }
        else
        {
            _lockDeadline = null;
            _isPausedOnArrival = flags.HasFlag(MigrationFlags.Paused) || domain.State == VmState.Paused;
            SentDefinition = domain.PersistentDefinition ?? domain.LiveDefinition;
            if (IsPeerToPeer || flags.HasFlag(MigrationFlags.ChangeProtection))
            {
                TakeJob(domain);
            }

            After(world.Random.Between(5, 60), Prepare);
        }
    }

    /// <summary>QEMU has sent all but what fits into the allowed downtime.</summary>
    public void SwitchOver(TimeSpan downtime)
    {
        var domain = Source.Domain!;
        domain.IsExecuting = false;
        _stoppedAt = world.Time.Now;
        if (!Source.IsDaemonUp)
        {
            // QEMU waits before the switchover until libvirt lets it go on; the daemon that comes back cancels it.
            return;
        }

        Enter(MigrationStep.Switchover, FaultPoint.Switchover);
        if (_wasRunning)
        {
            Source.SetState(VmState.Paused, Reasons.PausedMigration);
            Source.Emit(Lifecycle.SuspendedMigrated);
        }

        After(downtime, Performed);
    }

    /// <summary>The source ends Perform without success and takes the guest back; the destination's half is killed.</summary>
    public void FailPerform(HypervisorException error)
    {
        if (Step is not (MigrationStep.Begin or MigrationStep.Prepare or MigrationStep.Perform or MigrationStep.Switchover))
        {
            return;
        }

        Abandon();
        if (Source.IsDaemonUp)
        {
            RestoreSource();
            if (Copy is { } copy && world.KeepsFailedAccounts && Source.Domain is { } domain)
            {
                domain.Completed = copy.Read(JobOperation.MigrationOut, isCompleted: true, success: false, error.Message);
            }

            Release(Source);
        }
        else if (_wasRunning && Source.Domain is { IsActive: true } unseen)
        {
            // QEMU goes on by itself; the daemon that comes back finds it so.
            unseen.IsExecuting = !world.IsGuestElsewhere(Source);
        }

        KillIncoming(world.Random.Between(5, 300));
        End(error);
    }

    /// <summary>Finish failed, or nobody knows: the source takes the guest back, where the images' locks let it.</summary>
    public void CancelConfirm(HypervisorException error)
    {
        _epoch++;
        After(world.Random.Between(5, 100), () =>
        {
            RestoreSource();
            Release(Source);
            End(error);
        });
    }

    /// <summary>The answer of Finish can't come: the source takes the guest back, while the destination may end what it has begun.</summary>
    public void CancelUnheard(HypervisorException error, bool isFinishing)
    {
        CancelConfirm(error);
        if (isFinishing)
        {
            world.Time.Schedule(world.Random.Between(5, 200), () => TakeOver());
        }
    }

    /// <summary>virDomainAbortJob.</summary>
    public void Abort()
    {
        if (Step == MigrationStep.PostCopy)
        {
            throw SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: cannot abort migration in post-copy mode", Source);
        }

        if (Step is MigrationStep.Perform or MigrationStep.Switchover)
        {
            After(world.Random.Between(5, 200), () => FailPerform(SimulatedErrors.Of(
                LibvirtErrorCode.OperationAborted, "operation aborted: migration out job: canceled by client", Source)));
        }
        else if (Step == MigrationStep.Begin || Step == MigrationStep.Prepare)
        {
            // The request is remembered, and found before QEMU is told to migrate.
            IsAbortRequested = true;
        }
    }

    public void StartPostCopy()
    {
        if (Step != MigrationStep.Perform || !IsPostCopyAllowed)
        {
            throw SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, IsPostCopyAllowed
                ? "Requested operation is not valid: post-copy can only be started while outgoing migration is in progress"
                : "Requested operation is not valid: switching to post-copy requires migration to be started with VIR_MIGRATE_POSTCOPY flag", Source);
        }

        After(world.Random.Between(20, 80), SwitchToPostCopy);
    }

    /// <summary>Post-copy breaks: both halves stand still until it is resumed.</summary>
    public void BreakPostCopy()
    {
        if (Step != MigrationStep.PostCopy || IsPostCopyBroken)
        {
            return;
        }

        _epoch++;
        IsPostCopyBroken = true;
        Copy!.Stop();
        FailPostCopy(Source);
        FailPostCopy(Destination);
        Reply(SimulatedErrors.Failed(Source, "job 'migration out' failed in post-copy phase"));
    }

    /// <summary>One daemon marks its half as failed, whether or not the QEMUs carry on.</summary>
    public void FailPostCopy(SimulatedHost host)
    {
        if (host.Domain is not { IsActive: true } domain || domain.Migration != this || !host.IsDaemonUp)
        {
            return;
        }

        if (host == Source)
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
    public void Resume(MigrateCall resuming)
    {
        _call = resuming;
        if (!IsPostCopyBroken || Source.Domain is not { IsActive: true } || Destination.Domain is not { IsActive: true })
        {
            Reply(SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: QEMU reports migration is still running", Source));
            return;
        }

        IsPostCopyBroken = false;
        IsUnattended = false;
        Source.SetState(VmState.Paused, Reasons.PausedPostCopy);
        Destination.SetState(VmState.Running, Reasons.RunningPostCopy);
        Copy!.StartPostCopy();
    }

    public void PostCopyCompleted()
    {
        if (Destination.Domain is not { IsActive: true } arrived)
        {
            return;
        }

        Destination.SetState(VmState.Running, Reasons.RunningMigrated);
        Destination.Emit(Lifecycle.ResumedMigrated);
        Arrive(arrived);
        if (IsUnattended)
        {
            After(world.Latency(), Confirmed);
        }
        else
        {
            After(world.Latency(), Confirm);
        }
    }

    public bool IsAbortRequested { get; private set; }

    public JobStatistics? ReadJob() => Copy?.Read(JobOperation.MigrationOut)
        ?? new JobStatistics { Operation = JobOperation.MigrationOut, Elapsed = world.Time.Now - JobBegan };

    /// <summary>Whatever was to happen next does not.</summary>
    public void Abandon()
    {
        _epoch++;
        Copy?.Stop();
    }

    /// <summary>The destination's QEMU ends: told to, since its stream broke, or with the connection that started it.</summary>
    public void KillIncoming(TimeSpan after) => world.Time.Schedule(after, () =>
    {
        if (Destination.Domain is { } domain && domain.Migration == this && !HasArrived)
        {
            StopIncoming(domain);
        }
    });

    public void Release(SimulatedHost host)
    {
        if (host.Domain is { } domain && domain.Migration == this)
        {
            domain.Migration = null;
            domain.Job = DomainJob.None;
            host.Unpark();
        }
    }

    /// <summary>The source runs its guest again, where it ran before and the images are not in use elsewhere.</summary>
    public void RestoreSource()
    {
        if (Source.Domain is not { IsActive: true } domain || !Source.IsDaemonUp)
        {
            return;
        }

        domain.MaxDowntime = _formerMaxDowntime > TimeSpan.Zero ? _formerMaxDowntime : domain.MaxDowntime;
        if (!_wasRunning || world.IsGuestElsewhere(Source))
        {
            return;
        }

        if (domain is { State: VmState.Paused, Reason: Reasons.PausedMigration or Reasons.Unknown })
        {
            domain.IsExecuting = true;
            Source.SetState(VmState.Running, Reasons.RunningMigrationCanceled);
            Source.Emit(Lifecycle.ResumedMigrated);
        }
        else if (domain.State == VmState.Running)
        {
            domain.IsExecuting = true;
        }
    }

    public void End(HypervisorException? error)
    {
        if (Step != MigrationStep.Ended)
        {
            Abandon();
            Step = MigrationStep.Ended;
            world.Trace?.Add(Source.Name, IsOurs ? "migration" : "other migration", error is null ? "ended well" : error.Message);
            Reply(error);
            Reach(FaultPoint.Ended);
        }
    }

    public void Reply(HypervisorException? error) => _call?.Answer(error);

    public void OnQemuGone(SimulatedHost host, int reason) => MigrationLosses.QemuGone(this, host);

    public void OnDaemonDown(SimulatedHost host)
    {
        RecoveryStep = Step;
        MigrationLosses.DaemonDown(this, host, world);
    }

    public void OnDaemonUp(SimulatedHost host) => MigrationLosses.DaemonUp(this, host, world);

    public void OnPowerLost(SimulatedHost host) => MigrationLosses.PowerLost(this, host, world);

    /// <summary>Confirm with success has reached the source: its QEMU ends, and its definition where that was asked for.</summary>
    public void Confirmed()
    {
        if (Source.Domain is { } domain)
        {
            domain.Migration = null;
            domain.Job = DomainJob.None;
            if (Copy is { } copy)
            {
                domain.Completed = copy.Read(JobOperation.MigrationOut, isCompleted: true, success: true);
                Source.Emit(new JobCompletedEvent(world.Uuid, domain.Completed));
            }

            var undefines = flags.HasFlag(MigrationFlags.UndefineSource) && domain.PersistentDefinition is not null && !Takes(FaultKind.UndefineFails);
            if (undefines)
            {
                domain.PersistentDefinition = null;
            }

            Source.StopQemu(Reasons.ShutOffMigrated);
            if (undefines)
            {
                Source.Domain = null;
                Source.Emit(Lifecycle.UndefinedRemoved);
                world.NoteChange();
            }

            Source.Unpark();
        }

        After(world.Latency(), () => End(null));
    }

    private void Prepare()
    {
        Enter(MigrationStep.Prepare, FaultPoint.Prepare);
        if (DestinationLink == LinkState.Silent)
        {
            return;
        }

        if (!Destination.IsPowered || !Destination.IsDaemonUp || Destination.IsCut)
        {
            CancelPrepare(SimulatedErrors.Unreachable(Destination, "Connection refused"));
        }
        else if (Destination.IsExhausted)
        {
            After(Poll, Prepare);
        }
        else if (Destination.Domain is { } there && (there.IsActive || there.Job != DomainJob.None))
        {
            CancelPrepare(SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, $"Requested operation is not valid: domain '{world.Name}' is already active", Destination));
        }
        else if (Takes(FaultKind.PrepareFails))
        {
            CancelPrepare(world.Random.Next(3) switch
            {
                0 => SimulatedErrors.Of(LibvirtErrorCode.SystemError, "Cannot access storage file '/images/vm.qcow2': No such file or directory", Destination),
                1 => SimulatedErrors.Failed(Destination, "migration hook failed: exit status 1"),
                _ => SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: process exited while connecting to monitor: cannot set up guest memory: Cannot allocate memory", Destination),
            });
        }
        else if (IsOffline)
        {
            After(world.Random.Between(10, 100), Finish);
        }
        else
        {
            StartIncoming();
        }
    }

    private void StartIncoming()
    {
        var domain = Destination.Domain ??= new();
        domain.IsActive = true;
        domain.Id = 1 + world.Random.Next(90);
        domain.LiveDefinition = SentDefinition;
        domain.Job = DomainJob.MigrationIn;
        domain.Migration = this;
        Destination.SetState(VmState.Paused, Reasons.PausedStartingUp);
        Destination.Emit(Lifecycle.StartedMigrated);
        if (IsOurs && world.Faults.Take(FaultKind.PrepareHangs) is { } hang)
        {
            // A hook holds the job alone; an unreachable mount holds the domain's object.
            if (hang.Variant % 2 == 0)
            {
                Destination.HoldDomain(hang.Duration);
            }

            if (hang.Duration < SimulatedTime.Forever)
            {
                After(hang.Duration, hang.Variant % 3 == 0
                    ? () => CancelPrepare(SimulatedErrors.Failed(Destination, "hook script execution failed"))
                    : Prepared);
            }

            return;
        }

        After(world.Random.Between(50, 600), Prepared);
    }

    private void Prepared()
    {
        if (Destination.Domain is not { IsActive: true })
        {
            CancelPrepare(SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: guest unexpectedly quit", Destination));
            return;
        }

        Destination.SetState(VmState.Paused, Reasons.PausedMigration);
        After(world.Latency(), Perform);
    }

    private void Perform()
    {
        if (!IsPeerToPeer && SourceLink == LinkState.Silent)
        {
            return;
        }

        if (Source.Domain is not { IsActive: true } domain)
        {
            CancelPrepare(SimulatedErrors.NotRunning(Source));
        }
        else if (domain.Migration != this && domain.Job != DomainJob.None)
        {
            WaitForLock(Perform);
        }
        else if (IsAbortRequested)
        {
            CancelPrepare(SimulatedErrors.Of(LibvirtErrorCode.OperationAborted, "operation aborted: migration out job: canceled by client", Source));
        }
        else
        {
            TakeJob(domain);
            Enter(MigrationStep.Perform, FaultPoint.Perform);
            Copy = new(world, this);
            Copy.Start();
        }
    }

    private void Performed()
    {
        if (!Source.IsDaemonUp)
        {
            return;
        }

        Copy!.Downtime = world.Time.Now - _stoppedAt;
        Enter(MigrationStep.Performed, FaultPoint.Performed);
        if (Source.Domain is { } domain)
        {
            domain.Completed = Copy.Read(JobOperation.MigrationOut, isCompleted: true, success: true);
        }

        if (IsPeerToPeer || SourceLink == LinkState.Up)
        {
            After(world.Latency(), Finish);
        }
    }

    private void Finish()
    {
        if (Step != MigrationStep.Finish)
        {
            Enter(MigrationStep.Finish, FaultPoint.Finish);
        }

        if (DestinationLink == LinkState.Silent || !Destination.IsPowered || !Destination.IsDaemonUp)
        {
            return;
        }

        if (Destination.IsExhausted)
        {
            After(Poll, Finish);
        }
        else if (Takes(FaultKind.FinishFails))
        {
            if (Destination.Domain is { IsActive: true } domain && domain.Migration == this)
            {
                StopIncoming(domain);
            }

            CancelConfirm(SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: qemu unexpectedly closed the monitor: load of migration failed: Input/output error", Destination));
        }
        else if (IsOurs && world.Faults.Take(FaultKind.FinishHangs) is { } hang)
        {
            if (hang.Duration < SimulatedTime.Forever)
            {
                After(hang.Duration, Finished);
            }
        }
        else
        {
            After(world.Random.Between(20, 300), Finished);
        }
    }

    private void Finished()
    {
        if (TakeOver() is { } error)
        {
            CancelConfirm(error);
        }
        else if (DestinationLink == LinkState.Up)
        {
            After(world.Latency(), Confirm);
        }
    }

    // The destination's part of Finish: the guest runs there, or its half is killed.
    private HypervisorException? TakeOver()
    {
        if (IsOffline)
        {
            var kept = Destination.Domain ??= new();
            Persist(kept);
            Arrive(kept);
            return null;
        }

        if (Destination.Domain is not { IsActive: true } domain || domain.Migration != this)
        {
            return SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: guest unexpectedly quit", Destination);
        }

        if (world.IsGuestElsewhere(Destination))
        {
            // The images are locked by a guest that runs.
            StopIncoming(domain);
            return SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: unable to execute QEMU command 'cont': Failed to get \"write\" lock", Destination);
        }

        Persist(domain);
        if (_isPausedOnArrival)
        {
            Destination.SetState(VmState.Paused, Reasons.PausedUser);
            Destination.Emit(Lifecycle.SuspendedPaused);
        }
        else
        {
            domain.IsExecuting = true;
            Destination.SetState(VmState.Running, Reasons.RunningMigrated);
            Destination.Emit(Lifecycle.ResumedMigrated);
        }

        if (Copy is { } copy)
        {
            copy.Downtime = world.Time.Now - _stoppedAt;
        }

        Arrive(domain);
        return null;
    }

    private void Arrive(SimulatedDomain domain)
    {
        domain.Job = DomainJob.None;
        domain.Migration = null;
        domain.Completed = Copy?.Read(JobOperation.MigrationIn, isCompleted: true, success: true) ?? domain.Completed;
        HasArrived = true;
        ArrivedAt = world.Time.Now;
        Destination.Unpark();
        world.NoteChange();
    }

    private void Persist(SimulatedDomain domain)
    {
        if (flags.HasFlag(MigrationFlags.PersistDestination))
        {
            Destination.Emit(domain.PersistentDefinition is null ? Lifecycle.DefinedAdded : Lifecycle.DefinedUpdated);
            domain.PersistentDefinition = SentDefinition;
        }
    }

    private void Confirm()
    {
        if (Step != MigrationStep.Confirm)
        {
            Enter(MigrationStep.Confirm, FaultPoint.Confirm);
        }

        if (!IsPeerToPeer && SourceLink != LinkState.Up)
        {
            // That Confirm failed is not told: the source is left as it is, and the call succeeds.
            if (SourceLink == LinkState.Lost)
            {
                End(null);
            }
        }
        else if (Source.IsExhausted)
        {
            After(Poll, Confirm);
        }
        else if (Source.IsDaemonUp)
        {
            After(world.Random.Between(10, 150), Confirmed);
        }
    }

    private void SwitchToPostCopy()
    {
        if (Step != MigrationStep.Perform || Source.Domain is not { } domain)
        {
            return;
        }

        Copy!.Stop();
        _stoppedAt = world.Time.Now;
        domain.IsExecuting = false;
        Step = MigrationStep.PostCopy;
        Source.SetState(VmState.Paused, Reasons.PausedPostCopy);
        Source.Emit(Lifecycle.SuspendedPostCopy);
        After(world.Random.Between(30, 200), () =>
        {
            if (Destination.Domain is not { IsActive: true } there || there.Migration != this)
            {
                return;
            }

            Persist(there);
            there.IsExecuting = true;
            Copy.Downtime = world.Time.Now - _stoppedAt;
            Destination.SetState(VmState.Running, Reasons.RunningPostCopy);
            Destination.Emit(Lifecycle.ResumedPostCopy);
            Copy.StartPostCopy();
            Reach(FaultPoint.PostCopy);
        });
    }

    private void TakeJob(SimulatedDomain domain)
    {
        if (domain.Migration == this)
        {
            return;
        }

        domain.Job = DomainJob.MigrationOut;
        domain.Migration = this;
        _wasRunning = domain.State == VmState.Running;
        _formerMaxDowntime = domain.MaxDowntime;
        JobBegan = world.Time.Now;
    }

    // Nothing but the source's job and the destination's half are there to be taken back.
    private void CancelPrepare(HypervisorException error)
    {
        Abandon();
        Release(Source);
        KillIncoming(world.Random.Between(2, 50));
        End(error);
    }

    private void StopIncoming(SimulatedDomain domain)
    {
        domain.Migration = null;
        domain.Job = DomainJob.None;
        Destination.StopQemu(Reasons.ShutOffFailed);
    }

    private void WaitForLock(Action again)
    {
        _lockDeadline ??= world.Time.Now + LockTimeout;
        if (world.Time.Now >= _lockDeadline)
        {
            CancelPrepare(SimulatedErrors.Busy(Source));
        }
        else
        {
            After(Poll, again);
        }
    }

    private bool Takes(FaultKind kind) => IsOurs && world.Faults.Take(kind) is not null;

    private void Enter(MigrationStep step, FaultPoint point)
    {
        Step = step;
        world.Trace?.Add(Source.Name, IsOurs ? "migration" : "other migration", step.ToString());
        Reach(point);
    }

    private void Reach(FaultPoint point)
    {
        if (IsOurs)
        {
            world.Faults.Reach(point);
        }
    }

    private void After(TimeSpan delay, Action next)
    {
        var epoch = _epoch;
        world.Time.Schedule(delay, () =>
        {
            if (epoch == _epoch)
            {
                next();
            }
        });
    }
}
