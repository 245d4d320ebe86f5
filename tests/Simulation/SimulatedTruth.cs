using VirtMigrate.Migration;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>How the guest itself ended.</summary>
internal enum GuestFate
{
    Lives,
    ShutDown,
    Destroyed,
    Crashed,
    HostLost,
}

/// <summary>What one host really had of the VM at one moment.</summary>
internal readonly record struct Half(bool Exists, VmState State, int Reason, bool IsActive, bool IsExecuting, string? Live, string? Persistent)
{
    public static Half Of(SimulatedHost host) => host.Domain is { } d
        ? new(true, d.State, d.Reason, d.IsActive, d.IsExecuting, d.LiveDefinition, d.PersistentDefinition)
        : default;

    public override string ToString() => !Exists ? "not there" : $"{new VmStatus(State, Reason)}{(IsExecuting ? ", executing" : string.Empty)}{(Persistent is null ? ", transient" : string.Empty)}";
}

/// <summary>What both hosts really had, from one moment on.</summary>
internal readonly record struct Moment(TimeSpan From, Half Source, Half Destination);

/// <summary>What really happened, for the invariants to be held to.</summary>
internal sealed class SimulatedTruth(SimulatedWorld world)
{
    private readonly List<Moment> _moments = [];
    private GuestFate _fate;
    private GuestFate _loss;
    private bool _isStopped;
    private TimeSpan _jobSeenAt = -SimulatedTime.Forever;
    private TimeSpan _jobSeenBegan;

    public Half Before { get; private set; }

    public IReadOnlyList<Moment> Moments => _moments;

    /// <summary>How the guest ended. Where the source's half was lost after the switchover, that depends on what the destination makes of its own.</summary>
    public GuestFate Fate => _fate != GuestFate.Lives || world.Source.IsActive || world.Destination.IsActive || world.Elsewhere.IsActive ? _fate : _loss;

    /// <summary>When the guest executed on two hosts first.</summary>
    public TimeSpan? TwiceAt { get; private set; }

    /// <summary>How long the guest stood still between the source and the destination; null where it did not come to run there.</summary>
    public TimeSpan? Downtime
    {
        get
        {
            var arrived = _moments.FindIndex(m => m.Destination.IsExecuting);
            var last = arrived < 0 ? -1 : _moments.FindLastIndex(arrived, m => m.Source.IsExecuting);
            return last < 0 ? null : _moments[arrived].From - _moments[last + 1].From;
        }
    }

    public int Aborts { get; private set; }

    /// <summary>Whether a stop in the midst of an undisturbed migration led to no abort in time.</summary>
    public bool IsStopUnheard { get; private set; }

    // Libvirt's jobs name no owner. Another client's that begins together with the call, or within this time after its loss, can't be told from the
    // call's own: the documented window, counted, and no defect.
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(50);

    // Where the source answers late, nobody can tell as well when a job began.
    private static readonly TimeSpan TogetherWhereLate = TimeSpan.FromSeconds(1.05);

    /// <summary>Aborts that ended a job which was not the engine's.</summary>
    public int ForeignAborts { get; private set; }

    /// <summary>What was wrong with the first abort that ought not to have been sent.</summary>
    public string? AbortDefect { get; private set; }

    public void Begin()
    {
        NoteChange();
        Before = _moments[0].Source;
    }

    public void NoteChange()
    {
        var now = world.Time.Now;
        if (_moments.Count > 0 && _moments[^1].From == now)
        {
            _moments.RemoveAt(_moments.Count - 1);
        }

        _moments.Add(new(now, Half.Of(world.Source), Half.Of(world.Destination)));
    }

    /// <summary>A QEMU that held the guest is gone.</summary>
    /// <param name="fate">Why.</param>
    /// <param name="isLast">Whether no other held it.</param>
    public void NoteEnd(GuestFate fate, bool isLast)
    {
        if (_fate == GuestFate.Lives && isLast)
        {
            _fate = fate;
        }
        else if (_loss == GuestFate.Lives)
        {
            _loss = fate;
        }
    }

    public void NoteTwice()
    {
        if (TwiceAt is null)
        {
            TwiceAt = world.Time.Now;
            world.Trace?.Add("world", "DEFECT", "the guest executes on two hosts");
        }
    }

    /// <summary>The engine's look at the source's job is answered with an outgoing migration.</summary>
    public void NoteJobSeen(SimulatedHost host, JobStatistics job)
    {
        if (host == world.Source)
        {
            _jobSeenAt = world.Time.Now;
            _jobSeenBegan = world.Time.Now - job.Elapsed;
        }
    }

    /// <summary>The engine sends an abort.</summary>
    public void NoteAbort()
    {
        Aborts++;
        world.Trace?.Add("here", "abort", "sent");
        if (world.Scenario.Role == MigrationRole.Follow)
        {
            AbortDefect ??= world.Scenario.Steering is not (MigrationRequested.Abort or MigrationRequested.AbortPostCopy) ? "an abort was sent that nobody asked for"
                : IsLookOld ? "an abort was sent without a look, under a second old, that shows an outgoing migration"
                : null;
            return;
        }

        MigrateCall? call = null;
        foreach (var made in world.Calls)
        {
            // A migration that its client has lost is still the engine's own, and of a job that began then nobody can tell whose it is.
            call = made.IsOut || world.OurMigration is { IsUnderWay: true } || (made.IsLost && _jobSeenBegan - made.ReturnedAt < Doubt) ? made : call;
        }

        var isLate = world.Scenario.HasFault(FaultKind.LooksLate);
        AbortDefect ??= call is null ? "an abort was sent though no call was out"
            : IsLookOld ? "an abort was sent without a look, under a second old, that shows an outgoing migration"
            : _jobSeenBegan < call.Made - (isLate ? TogetherWhereLate : Together) ? "an abort was sent for a migration that is older than the call"
            : !_isStopped && world.Scenario is { Limits.Timeout: null, Policy: null } && !world.Scenario.Faults.Any(MayEndIt)
                ? "an abort was sent that nobody asked for, of a migration that nothing stood in the way of"
            : null;
    }

    // What only troubles looks at the destination is over before a migration that needs its connection is given up; events and clocks are no trouble.
    private static bool MayEndIt(Fault fault) => fault.Kind switch
    {
        FaultKind.EventsLost or FaultKind.EventsDoubled or FaultKind.EventsLate or FaultKind.EventsReordered or FaultKind.GuestReboots or FaultKind.WallClockSteps or
            FaultKind.CompletedAbsent or FaultKind.CompletedStale or FaultKind.CompletedForeign => false,
        FaultKind.LooksFail or FaultKind.LooksFailAfter or FaultKind.LooksHang or FaultKind.LooksLate or FaultKind.ConnectionDrops or FaultKind.OpeningFails =>
            !fault.AtDestination || fault.Duration > TimeSpan.FromSeconds(8),
        _ => true,
    };

    /// <summary>Whether nobody but another client can tell that its migration is not that of a call which was lost.</summary>
    public static bool IsInDoubt(SimulatedMigration migration, MigrateCall call) => call.IsLost && !migration.IsOurs &&
        migration.Outgoing.JobBegan >= call.Made - Together && migration.Outgoing.JobBegan - call.ReturnedAt < Doubt;

    private bool IsLookOld => world.Time.Now - _jobSeenAt > TimeSpan.FromSeconds(1) && !world.Scenario.HasFault(FaultKind.LooksLate);

    /// <summary>The user stops it.</summary>
    public void NoteStop()
    {
        _isStopped = true;

        // Whoever has lost the call alone still sees the source, and can abort there what goes on without it.
        var isSeen = world.Scenario.Faults.All(f => f.Kind is FaultKind.ReplyLost or FaultKind.MigrationConnectionDrops or FaultKind.ClientKilled);
        if (world.Scenario is { Role: MigrationRole.Move } && isSeen && world.OurMigration is { Step: MigrationStep.Perform } migration)
        {
            world.Time.Schedule(TimeSpan.FromSeconds(1.1), () => IsStopUnheard = Aborts == 0 && migration.Step == MigrationStep.Perform);
        }
    }

    public void NoteAbortHits(SimulatedMigration migration)
    {
        if (!migration.IsOurs)
        {
            ForeignAborts++;
            world.Trace?.Add("here", "abort", "hits a job that is not ours");
        }
    }

    /// <summary>How it was at a time.</summary>
    public Moment At(TimeSpan time) => _moments[Math.Max(0, _moments.FindLastIndex(m => m.From <= time))];

    /// <summary>Whether something was so at any moment of a span.</summary>
    public bool WasSo(TimeSpan from, TimeSpan to, Func<Moment, bool> what)
    {
        for (var i = _moments.Count - 1; i >= 0; i--)
        {
            if (_moments[i].From > to)
            {
                continue;
            }

            if (what(_moments[i]))
            {
                return true;
            }

            if (_moments[i].From <= from)
            {
                return false;
            }
        }

        return false;
    }
}
