using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>The way to simulated hosts.</summary>
internal sealed class SimulatedTransport(SimulatedWorld world) : ITransport
{
    public Task<IHypervisor> OpenAsync(HostAddress address, HostCredential? credential, CancellationToken cancellationToken)
    {
        world.Time.CheckThread(nameof(OpenAsync));
        var host = address == world.Source.Address ? world.Source : world.Destination;
        var opening = new TaskCompletionSource<IHypervisor>();
        cancellationToken.UnsafeRegister(static (s, t) => ((TaskCompletionSource<IHypervisor>)s!).TrySetCanceled(t), opening);
        var window = world.Faults.Opening(host);
        if (host.IsCut || !host.IsPowered || host.IsExhausted || window == CallFault.HangsBefore)
        {
            // No answer at all; who asks gives up some time.
            world.Time.Schedule(SimulatedWorld.ConnectTimeout, () => opening.TrySetException(SimulatedErrors.Unreachable(host, "Connection timed out")));
        }
        else if (!host.IsDaemonUp || window != CallFault.None)
        {
            world.Time.Schedule(world.Latency(), () => opening.TrySetException(SimulatedErrors.Unreachable(host, "Connection refused")));
        }
        else
        {
            world.Time.Schedule(world.Random.Between(5, 80), () =>
            {
                if (host.IsCut || !host.IsDaemonUp)
                {
                    opening.TrySetException(SimulatedErrors.Unreachable(host, "Connection reset by peer"));
                }
                else if (!opening.Task.IsCompleted)
                {
                    opening.TrySetResult(new SimulatedConnection(world, host));
                }
            });
        }

        return opening.Task;
    }
}

/// <summary>One connection to a simulated host.</summary>
internal sealed class SimulatedConnection : UnaskedHypervisor, IHypervisor
{
    private readonly List<SimulatedCall> _pending = [];
    private readonly List<Action<DomainEvent>> _listeners = [];
    private bool _isBroken;

    public SimulatedConnection(SimulatedWorld world, SimulatedHost host)
    {
        World = world;
        SimulatedHost = host;
        host.Add(this);
    }

    public SimulatedWorld World { get; }

    public SimulatedHost SimulatedHost { get; }

    /// <summary>Whether nothing passes any more, known or not.</summary>
    public bool IsSevered { get; private set; }

    public bool IsAwaited => _pending.Count > 0;

    public HostAddress Address => SimulatedHost.Address;

    public VmHost Host => SimulatedHost.Description;

    public bool IsAlive => !_isBroken;

    public bool MigrationOutlivesClient => World.Way == SimulatedWay.VirshOverSsh;


    public void Forget(SimulatedCall call) => _pending.Remove(call);

    /// <summary>The client learns that the connection is gone, and with it all calls that wait.</summary>
    public void Break(string message)
    {
        if (_isBroken)
        {
            return;
        }

        _isBroken = true;
        IsSevered = true;
        SimulatedHost.Remove(this);
        World.Trace?.Add("here", "connection", $"to {SimulatedHost.Name} is lost");
        foreach (var call in _pending.ToArray())
        {
            _pending.Remove(call);
            call.Fail(SimulatedErrors.Lost(SimulatedHost, World.Way, message));
        }
    }

    /// <summary>Nothing passes from now on; the client learns it by its keepalive.</summary>
    public void DropSilently()
    {
        if (!IsSevered)
        {
            IsSevered = true;
            World.Time.Schedule(SimulatedWorld.Keepalive, () => Break("internal error: connection closed due to keepalive timeout"));
        }
    }

    // What virsh prints of an event passes through a pipe, and may come after the end of the virsh that migrates.
    private int EventDelay => World.Way == SimulatedWay.InProcess ? 1 : 10;

    public void Deliver(DomainEvent happened)
    {
        if (IsSevered || _listeners.Count == 0)
        {
            return;
        }

        var (times, delay) = World.Faults.OnEvent(SimulatedHost);
        for (var i = 0; i < times; i++)
        {
            World.Time.Schedule((World.Latency() * EventDelay) + delay, () =>
            {
                if (!IsSevered)
                {
                    foreach (var listener in _listeners.ToArray())
                    {
                        listener(happened);
                    }
                }
            });
        }
    }

    public IDisposable Subscribe(Action<DomainEvent> listener)
    {
        World.Time.CheckThread(nameof(Subscribe));
        return new Subscription(World, _listeners, listener);
    }

    // The world has one VM. Who gives up waiting is not listened for.
    public Task<IDisposable> SubscribeAsync(Guid vm, Action<DomainEvent> listener, CancellationToken cancellationToken)
    {
        if (World.Scenario.SubscriptionTime is not { } time)
        {
            return Task.FromResult(Subscribe(listener));
        }

        var subscribing = new TaskCompletionSource<IDisposable>();
        cancellationToken.UnsafeRegister(static (s, token) => ((TaskCompletionSource<IDisposable>)s!).TrySetCanceled(token), subscribing);
        World.Time.Schedule(time, () =>
        {
            if (_isBroken)
            {
                subscribing.TrySetException(SimulatedErrors.Lost(SimulatedHost, World.Way, "internal error: client socket is closed"));
            }
            else if (!IsSevered && !subscribing.Task.IsCompleted)
            {
                World.Trace?.Add("here", "connection", $"listens to {SimulatedHost.Name}");
                subscribing.TrySetResult(Subscribe(listener));
            }
        });
        return subscribing.Task;
    }

    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) => Ask<IReadOnlyList<Vm>>(
        CallKinds.FindVm, false, () => SimulatedHost.Domain is { } domain ? [Describe(domain)] : [], cancellationToken);

    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) => FindAsync(string.Equals(name, World.Name, StringComparison.Ordinal), cancellationToken);

    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) => FindAsync(uuid == World.Uuid, cancellationToken);

    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken)
    {
        return Ask(CallKinds.Job, false, () =>
        {
            var domain = Domain(vm);
            if (World.Faults.Hides(SimulatedHost))
            {
                return new JobReading(null, IsHidden: true);
            }

            switch (domain.Job)
            {
                case DomainJob.MigrationIn:
                    return new(null, IsIncoming: true);
                case DomainJob.Backup:
                    return new(new JobStatistics { Operation = JobOperation.Backup, Elapsed = World.Time.Now - World.BackupBegan });
                case DomainJob.MigrationOut:
                    var statistics = domain.Migration!.ReadJob();
                    World.Truth.NoteJobSeen(SimulatedHost, statistics);
                    return new(statistics);
                default:
                    return new(null);
            }
        }, cancellationToken);
    }

    public Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken) =>
        Ask(CallKinds.Completed, false, () => World.Faults.Completed(SimulatedHost, Completed(Domain(vm))), cancellationToken);

    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) =>
        Ask(CallKinds.Definition, false, () =>
        {
            var domain = Domain(vm);
            return domain.LiveDefinition ?? domain.PersistentDefinition ?? string.Empty;
        }, cancellationToken);

    public Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken) =>
        Ask(CallKinds.MaxDowntime, true, () => ActiveDomain(vm).MaxDowntime, cancellationToken);

    public Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken) => Ask(CallKinds.Control, true, () =>
    {
        ActiveDomain(vm).MaxDowntime = limit;
        World.Trace?.Add(SimulatedHost.Name, "qemu", $"downtime limit {limit.TotalMilliseconds:0} ms");
        return true;
    }, cancellationToken);

    public Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) => Ask(CallKinds.Control, true, () =>
    {
        // It is noted down for a VM that does not run as well.
        var domain = Domain(vm);
        domain.Bandwidth = bytesPerSecond;
        if (domain.Migration is { } migration && migration.Source == SimulatedHost)
        {
            migration.Bandwidth = bytesPerSecond;
            migration.Copy?.Changed();
        }

        return true;
    }, cancellationToken);

    public Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        Ask(CallKinds.Control, true, () => ActiveDomain(vm) is not null, cancellationToken);

    public Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken) =>
        Ask(CallKinds.Control, true, () => ActiveDomain(vm) is not null, cancellationToken);

    public Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken) => Ask(CallKinds.Control, true, () =>
    {
        var domain = Domain(vm);
        if (domain.PersistentDefinition is null)
        {
            throw SimulatedErrors.Of(LibvirtErrorCode.OperationInvalid, "Requested operation is not valid: cannot set autostart for transient domain", SimulatedHost);
        }

        return domain.Autostart = isOn;
    }, cancellationToken);

    public Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken) => Ask(CallKinds.Control, true, () =>
    {
        SimulatedWorld.Suspend(SimulatedHost, ActiveDomain(vm));
        return true;
    }, cancellationToken);

    public Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken) => Ask(CallKinds.Control, true, () =>
    {
        (OutgoingOf(vm) ?? throw SimulatedErrors.NoPostCopyYet(SimulatedHost)).PostCopy.Start();
        return true;
    }, cancellationToken);

    public Task AbortJobAsync(Guid vm, CancellationToken cancellationToken)
    {
        World.Truth.NoteAbort();
        return Ask(CallKinds.Abort, true, () =>
        {
            var migration = OutgoingOf(vm) ?? throw SimulatedErrors.NoJob(SimulatedHost);
            World.Truth.NoteAbortHits(migration);
            migration.Abort();
            return true;
        }, cancellationToken);
    }

    public Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken) => Ask(CallKinds.Abort, true, () =>
    {
        (OutgoingOf(vm) is { Step: MigrationStep.PostCopy } migration ? migration : throw SimulatedErrors.NotInPostCopy(SimulatedHost)).PostCopy.Break();
        return true;
    }, cancellationToken);

    public Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken)
    {
        World.Time.CheckThread(nameof(MigrateAsync));
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        if (vm != World.Uuid)
        {
            return Task.FromException(SimulatedErrors.NotFound(SimulatedHost, vm));
        }

        var call = new MigrateCall(World, SimulatedHost, ((SimulatedConnection)destination).SimulatedHost, options, cancellationToken);
        World.Calls.Add(call);
        return call.Task;
    }

    public ValueTask DisposeAsync()
    {
        World.Time.CheckThread(nameof(DisposeAsync));
        _isBroken = true;
        IsSevered = true;
        SimulatedHost.Remove(this);
        return ValueTask.CompletedTask;
    }

    private Task<Vm?> FindAsync(bool isIt, CancellationToken cancellationToken) => Ask(
        CallKinds.FindVm, false, () => isIt && SimulatedHost.Domain is { } domain ? Describe(domain) : null, cancellationToken);

    private SimulatedDomain Domain(Guid vm) =>
        vm == World.Uuid && SimulatedHost.Domain is { } domain ? domain : throw SimulatedErrors.NotFound(SimulatedHost, vm);

    private SimulatedDomain ActiveDomain(Guid vm) => Domain(vm) is { IsActive: true } domain ? domain : throw SimulatedErrors.NotRunning(SimulatedHost);

    private SimulatedMigration? OutgoingOf(Guid vm) => ActiveDomain(vm) is { Job: DomainJob.MigrationOut, Migration: { } migration } ? migration : null;

    // While a job is there the statistics of the one before are not told (qemuDomainGetJobStatsInternal).
    private static JobStatistics? Completed(SimulatedDomain domain) => domain.Job == DomainJob.None ? domain.Completed : null;

    private Vm Describe(SimulatedDomain domain) => new()
    {
        Name = World.Name,
        Uuid = World.Uuid,
        Id = domain.Id,
        Status = domain.Status,
        VmHost = SimulatedHost.Description,
        VCpuCount = 2,
        Memory = World.Guest.Memory,
        MaxMemory = World.Guest.Memory,
        IsPersistent = domain.PersistentDefinition is not null,
        Autostart = domain.Autostart,
    };

    private Task<T> Ask<T>(CallKinds kind, bool takesLock, Func<T> effect, CancellationToken token)
    {
        World.Time.CheckThread(kind.ToString());
        if (token.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(token);
        }

        if (_isBroken)
        {
            return Task.FromException<T>(SimulatedErrors.Lost(SimulatedHost, World.Way, "internal error: client socket is closed"));
        }

        var (fault, duration) = World.Faults.OnCall(SimulatedHost, kind);
        var call = new SimulatedCall<T>(this, kind, takesLock, fault, duration, effect, token);
        if (!call.Task.IsCompleted)
        {
            _pending.Add(call);
            World.Time.Schedule(World.Latency(), SimulatedCall.ArriveAgain, call);
        }

        return call.Task;
    }

    private sealed class Subscription : IDisposable
    {
        private readonly SimulatedWorld _world;
        private readonly List<Action<DomainEvent>> _listeners;
        private readonly Action<DomainEvent> _listener;

        public Subscription(SimulatedWorld world, List<Action<DomainEvent>> listeners, Action<DomainEvent> listener)
        {
            (_world, _listeners, _listener) = (world, listeners, listener);
            _listeners.Add(listener);
            _world.Listeners++;
        }

        public void Dispose() => _world.Listeners -= _listeners.Remove(_listener) ? 1 : 0;
    }
}
