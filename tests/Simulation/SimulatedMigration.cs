using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>How far a migration has come in libvirt's protocol v3.</summary>
internal enum MigrationStep
{
    Begin,
    Prepare,
    Perform,
    Switchover,
    Performed,

    /// <summary>It has failed, and the source's daemon, which drives it, still has to tell the destination.</summary>
    Failing,
    PostCopy,
    Finish,
    Confirm,
    Ended,
}

/// <summary>
/// One migration: what both hosts, its driver and its caller share, and the ways in which it ends. Its steps are <see cref="MigrationProtocol"/>'s; what becomes of it when a link or a side is lost is <see cref="MigrationLosses"/>'.
/// </summary>
internal sealed class SimulatedMigration
{
    private readonly SimulatedWorld _world;
    private int _epoch;
    private TimeSpan _stoppedAt;
    private MigrateCall? _call;

    public SimulatedMigration(SimulatedWorld world, SimulatedHost source, SimulatedHost destination, MigrationFlags flags, MigrateCall? call, bool isWatched = false)
    {
        _world = world;
        _call = call;
        Source = source;
        Destination = destination;
        Flags = flags;
        IsForeign = call is null;
        IsOurs = !IsForeign || isWatched;
        Outgoing = new(world, this);
        Incoming = new(world, this);
        PostCopy = new(world, this);
        Protocol = new(world, this);
    }

    public SimulatedHost Source { get; }

    public SimulatedHost Destination { get; }

    public MigrationFlags Flags { get; }

    /// <summary>Whether the engine that is proved made the call, or follows it, or is to resume it.</summary>
    public bool IsOurs { get; }

    /// <summary>Whether another client made the call.</summary>
    public bool IsForeign { get; }

    public OutgoingHalf Outgoing { get; }

    public IncomingHalf Incoming { get; }

    public PostCopyPhase PostCopy { get; }

    public MigrationProtocol Protocol { get; }

    public MemoryCopy? Copy { get; private set; }

    public bool IsPeerToPeer => Flags.HasFlag(MigrationFlags.PeerToPeer);

    /// <summary>Whether who drives it is no process on this machine: the source's daemon, or virsh on the source.</summary>
    public bool OutlivesCall => IsPeerToPeer || _world.Way == SimulatedWay.VirshOverSsh || IsForeign;

    public bool IsOffline => Flags.HasFlag(MigrationFlags.Offline);

    public bool IsPausedOnArrival { get; set; }

    public bool IsAbortRequested { get; private set; }

    public long Bandwidth { get; set; }

    public MigrationStep Step { get; private set; }

    /// <summary>The step that a daemon which comes back finds in its notes.</summary>
    public MigrationStep RecoveryStep { get; private set; }

    /// <summary>The state of what the driver reaches each host by.</summary>
    public LinkState SourceLink { get; private set; }

    public LinkState DestinationLink { get; private set; }

    public string? SentDefinition { get; set; }

    public TimeSpan EndedAt { get; private set; }

    public bool IsUnderWay => Step != MigrationStep.Ended;

    public LinkState LinkTo(SimulatedHost host) => host == Source ? SourceLink : DestinationLink;

    public void SetLink(SimulatedHost host, LinkState state) =>
        (SourceLink, DestinationLink) = host == Source ? (state, DestinationLink) : (SourceLink, state);

    /// <summary>Confirm with success has reached the source.</summary>
    public void Confirmed()
    {
        Outgoing.LetGo();
        After(_world.Latency(), () => End(null));
    }

    /// <summary>Perform ends without success: the source takes the guest back, the destination's half is killed.</summary>
    public void FailPerform(HypervisorException error)
    {
        if (Step is not (MigrationStep.Begin or MigrationStep.Prepare or MigrationStep.Perform or MigrationStep.Switchover))
        {
            return;
        }

        Abandon();
        if (Copy is not null)
        {
            Outgoing.Restore();
        }

        Outgoing.KeepFailedAccount(error.Message);
        Incoming.Kill(_world.Random.Between(5, 300));
        if (IsPeerToPeer && Source.IsDaemonUp)
        {
            // Until then the job is there, as one that has failed.
            Enter(MigrationStep.Failing, null);
            After(_world.Random.Between(5, 300), () => EndFailed(error));
        }
        else
        {
            EndFailed(error);
        }
    }

    private void EndFailed(HypervisorException error)
    {
        if (Source.IsDaemonUp)
        {
            Outgoing.Release();
        }

        End(error);
    }

    /// <summary>Finish failed, or nobody knows: the source takes the guest back, where the images' locks let it.</summary>
    public void CancelConfirm(HypervisorException error)
    {
        Abandon();
        After(_world.Random.Between(5, 100), () =>
        {
            Outgoing.Restore();
            if (Source.IsDaemonUp)
            {
                Outgoing.Release();
            }

            End(error);
        });
    }

    /// <summary>The answer of Finish can't come: the source takes the guest back, while the destination may end what it has begun.</summary>
    public void CancelUnheard(HypervisorException error, bool isFinishing)
    {
        CancelConfirm(error);
        if (isFinishing)
        {
            _world.Time.Schedule(_world.Random.Between(5, 200), () => Incoming.TakeOver());
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
            After(_world.Random.Between(5, 200), () => FailPerform(Aborted()));
        }

        // Before, it is remembered, and found when QEMU was to be told to migrate. Afterwards it comes too late.
        IsAbortRequested = true;
    }

    /// <summary>VIR_MIGRATE_POSTCOPY_RESUME.</summary>
    public void Resume(MigrateCall call)
    {
        _call = call;
        PostCopy.Resume();
    }

    public JobStatistics ReadJob() => (Copy?.Read(JobOperation.MigrationOut)
        ?? new JobStatistics { Operation = JobOperation.MigrationOut, Elapsed = _world.Time.Now - Outgoing.JobBegan }) with
    {
        IsFailed = Step == MigrationStep.Failing,
    };

    /// <summary>Whatever was to happen next does not.</summary>
    public void Abandon()
    {
        _epoch++;
        Copy?.Stop();
    }

    public void End(HypervisorException? error)
    {
        if (Step != MigrationStep.Ended)
        {
            Abandon();
            Step = MigrationStep.Ended;
            EndedAt = _world.Time.Now;
            _world.Trace?.Add(Source.Name, IsOurs ? "migration" : "other migration", error is null ? "ended" : error.Message);
            Reply(error);
            Reach(FaultPoint.Ended);
        }
    }

    public void Reply(HypervisorException? error) => _call?.Answer(error);

    public void OnDaemonDown(SimulatedHost host)
    {
        RecoveryStep = Step;
        MigrationLosses.DaemonDown(this, host, _world);
    }

    public bool Takes(FaultKind kind) => IsOurs && _world.Faults.Take(kind) is not null;

    public void Reach(FaultPoint point)
    {
        if (IsOurs)
        {
            _world.Faults.Reach(point);
        }
    }

    public void After(TimeSpan delay, Action next)
    {
        var epoch = _epoch;
        _world.Time.Schedule(delay, () =>
        {
            if (epoch == _epoch)
            {
                next();
            }
        });
    }

    public void StartCopy()
    {
        Copy = new(_world, this);
        Copy.Start();
    }

    /// <summary>The guest's downtime begins.</summary>
    public void NoteStop() => _stoppedAt = _world.Time.Now;

    public void NoteDowntime()
    {
        if (Copy is { } copy)
        {
            copy.Downtime = _world.Time.Now - _stoppedAt;
        }
    }

    // Nothing but the source's job and the destination's half are there to be taken back.
    public void CancelPrepare(HypervisorException error)
    {
        Abandon();
        Outgoing.Release();
        Incoming.Kill(_world.Random.Between(2, 50));
        End(error);
    }

    public HypervisorException Aborted() =>
        SimulatedErrors.Of(LibvirtErrorCode.OperationAborted, "operation aborted: migration out job: canceled by client", Source);

    public void Enter(MigrationStep step, FaultPoint? point)
    {
        Step = step;
        _world.Trace?.Add(Source.Name, IsOurs ? "migration" : "other migration", step.ToString());
        if (point is { } reached)
        {
            Reach(reached);
        }
    }
}
