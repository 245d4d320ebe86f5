using VirtMigrate.Hosts;

namespace VirtMigrate.Simulation;

/// <summary>One host: its power, its libvirt daemon, and the domain that the run is about, with its QEMU.</summary>
/// <param name="world">The _world.</param>
/// <param name="name">The host's name.</param>
internal sealed class SimulatedHost(SimulatedWorld world, string name)
{
    private readonly SimulatedWorld _world = world;
    private readonly List<SimulatedConnection> _connections = [];
    private readonly List<SimulatedCall> _parked = [];

    public string Name { get; } = name;

    public HostAddress Address { get; } = HostAddress.Parse($"qemu+tcp://{name}/system");

    public VmHost Description { get; } = Describe(name, world.Way);

    public SimulatedDomain? Domain { get; set; }

    public bool IsPowered { get; private set; } = true;

    public bool IsDaemonUp { get; private set; } = true;

    /// <summary>Whether no packet passes between it and this machine.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Whether all of the daemon's workers hang; it goes on answering keepalives.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Whether somebody holds the domain's object itself, for which every call about it waits.</summary>
    public bool IsDomainHeld { get; private set; }

    public bool IsExecuting => Domain is { IsExecuting: true };

    public bool IsActive => Domain is { IsActive: true };

    /// <summary>Whether a daemon can be asked at this moment over a connection that stands.</summary>
    public bool Answers => IsPowered && IsDaemonUp && !IsExhausted;

    public bool IsAwaited => _connections.Exists(static c => c.IsAwaited);

    public void Add(SimulatedConnection connection) => _connections.Add(connection);

    public void Remove(SimulatedConnection connection) => _connections.Remove(connection);

    public void Emit(Lifecycle lifecycle) => Emit(new LifecycleEvent(_world.Uuid, lifecycle.Kind, lifecycle.Detail));

    /// <summary>Tells all who listen.</summary>
    public void Emit(DomainEvent happened)
    {
        if (!IsDaemonUp)
        {
            return;
        }

        foreach (var connection in _connections)
        {
            connection.Deliver(happened);
        }
    }

    public void SetState(VmState state, int reason)
    {
        Domain!.State = state;
        Domain.Reason = reason;
        _world.Trace?.Add(Name, "domain", Domain.Status.ToString());
        _world.NoteChange();
    }

    /// <summary>The QEMU ends, for whatever reason; a transient domain goes with it.</summary>
    /// <param name="reason">What the domain is shut off for.</param>
    public void StopQemu(int reason)
    {
        if (Domain is not { IsActive: true } domain)
        {
            return;
        }

        var migration = domain.Migration;
        domain.IsActive = false;
        domain.IsExecuting = false;
        domain.Id = null;
        domain.LiveDefinition = null;
        domain.Job = DomainJob.None;
        domain.Migration = null;
        domain.MaxDowntime = SimulatedDomain.UsualMaxDowntime;
        if (reason is Reasons.ShutOffDestroyed or Reasons.ShutOffShutdown && _world.Random.Chance(0.8))
        {
            Emit(reason == Reasons.ShutOffShutdown && _world.Random.Chance(0.5) ? Lifecycle.ShutdownByGuest : Lifecycle.ShutdownByHost);
        }

        SetState(VmState.ShutOff, reason);
        Emit(Lifecycle.Stopped(reason));
        if (domain.PersistentDefinition is null)
        {
            Domain = null;
            _world.Trace?.Add(Name, "domain", "gone");
            _world.NoteChange();
        }

        Unpark();
        if (migration is not null)
        {
            MigrationLosses.QemuGone(migration, this, _world);
        }
    }

    /// <summary>The daemon goes and comes back; all of its connections break. The QEMUs stay.</summary>
    public void RestartDaemon(TimeSpan after, bool losesReasons)
    {
        if (!IsPowered || !IsDaemonUp)
        {
            return;
        }

        _world.Trace?.Add(Name, "libvirtd", "stops");
        IsDaemonUp = false;
        BreakConnections("End of file while reading data: Input/output error");
        _world.EachMigration(this, static (m, h) => m.OnDaemonDown(h));
        _world.BreakCalls(this, isPeerToPeer: true);
        _world.Time.Schedule(after, () =>
        {
            if (IsPowered)
            {
                StartDaemon(losesReasons);
            }
        });
    }

    public void LosePower(TimeSpan back)
    {
        if (!IsPowered)
        {
            return;
        }

        _world.Trace?.Add(Name, "power", "lost");
        IsPowered = false;
        IsDaemonUp = false;
        if (Domain is { IsActive: true } domain)
        {
            _world.NoteGuestEnds(this, GuestFate.HostLost, "power loss");
            domain.IsActive = false;
            domain.IsExecuting = false;
            domain.Id = null;
            domain.LiveDefinition = null;
            domain.State = VmState.ShutOff;
            domain.Reason = Reasons.Unknown;
            domain.MaxDowntime = SimulatedDomain.UsualMaxDowntime;
            if (domain.PersistentDefinition is null)
            {
                Domain = null;
            }

            _world.NoteChange();
        }

        if (Domain is { } left)
        {
            left.Completed = null;
            left.Job = DomainJob.None;
            left.Migration = null;
        }

        _world.EachMigration(this, static (m, h) => MigrationLosses.PowerLost(m, h, h._world));
        Cut(back);
        _world.Time.Schedule(back, () =>
        {
            IsPowered = true;
            StartDaemon(losesReasons: true);
        });
    }

    /// <summary>No packet passes for a while, and nobody is told so: both sides learn it by their keepalive.</summary>
    public void Cut(TimeSpan duration)
    {
        IsCut = true;
        _world.Trace?.Add(Name, "network", "cut off");
        foreach (var connection in _connections.ToArray())
        {
            connection.DropSilently();
        }

        _world.EachMigration(this, static (m, h) =>
        {
            // This machine alone is cut off; what is driven from the source goes on.
            if (!m.OutlivesCall)
            {
                MigrationLosses.Silence(m, h, h._world);
            }
        });
        _world.SilenceCalls(this);

        _world.Time.Schedule(duration, () =>
        {
            IsCut = false;
            _world.Trace?.Add(Name, "network", "reachable again");
        });
    }

    /// <summary>The present connections die without a word; new ones can be opened.</summary>
    public void SilenceConnections()
    {
        foreach (var connection in _connections.ToArray())
        {
            connection.DropSilently();
        }
    }

    public void ExhaustWorkers(TimeSpan duration)
    {
        IsExhausted = true;
        _world.Trace?.Add(Name, "libvirtd", "no worker is free");
        _world.Time.Schedule(duration, () =>
        {
            IsExhausted = false;
            Unpark();
        });
    }

    public void HoldDomain(TimeSpan duration)
    {
        IsDomainHeld = true;
        _world.Trace?.Add(Name, "libvirtd", "the domain's object is held");
        _world.Time.Schedule(duration, () =>
        {
            IsDomainHeld = false;
            Unpark();
        });
    }

    public void BreakConnections(string message)
    {
        foreach (var connection in _connections.ToArray())
        {
            connection.Break(message);
        }

        _parked.Clear();
    }

    /// <summary>Lets a call wait until something is free again.</summary>
    public void Park(SimulatedCall call) => _parked.Add(call);

    /// <summary>Lets those that wait try again.</summary>
    public void Unpark()
    {
        if (_parked.Count == 0)
        {
            return;
        }

        foreach (var call in _parked)
        {
            _world.Time.Schedule(TimeSpan.Zero, SimulatedCall.ArriveAgain, call);
        }

        _parked.Clear();
    }

    private void StartDaemon(bool losesReasons)
    {
        IsDaemonUp = true;
        IsExhausted = false;
        IsDomainHeld = false;
        _world.Trace?.Add(Name, "libvirtd", losesReasons ? "runs again; reasons are lost" : "runs again");
        if (Domain is not { } domain)
        {
            return;
        }

        domain.Completed = null;
        if (domain.Job == DomainJob.Backup)
        {
            domain.Job = DomainJob.None;
        }

        _world.EachMigration(this, static (m, h) => MigrationLosses.DaemonUp(m, h, h._world));
        if (losesReasons && Domain is { Migration: null } kept)
        {
            SetState(kept.State, Reasons.Unknown);
        }
    }

    private static VmHost Describe(string name, SimulatedWay way) => new()
    {
        Name = name,
        Uri = $"qemu+tcp://{name}/system",
        Transport = way switch
        {
            SimulatedWay.InProcess => nameof(HostTransport.Libvirt),
            SimulatedWay.VirshOverSsh => nameof(HostTransport.Ssh),
            _ => nameof(HostTransport.Virsh),
        },
        Hypervisor = "QEMU",
        HypervisorVersion = new(10, 0, 0),
        LibvirtVersion = new(11, 3, 0),
        Uuid = new Guid(name[^1], 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]),
        Architecture = "x86_64",
        CpuCount = 16,
        Memory = 64L << 30,
        IsConnected = true,
    };
}
