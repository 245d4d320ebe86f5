namespace VirtMigrate.Simulation;

/// <summary>What can go wrong, or be in the way.</summary>
internal enum FaultKind
{
    // Phases of the migration that fail or hang.
    BeginFails,
    PrepareFails,
    PrepareHangs,
    PerformFails,
    FinishFails,
    FinishHangs,
    UndefineFails,
    PostCopyBreaks,

    // The migration's call.
    CallFailsBefore,
    ReplyLost,
    ReplyLate,
    ReplyIsError,

    // Looks and requests.
    LooksFail,
    LooksFailAfter,
    LooksHang,
    LooksLate,
    RequestsHang,
    JobHidden,
    CompletedAbsent,
    CompletedStale,
    CompletedForeign,

    // Connections.
    ConnectionDrops,
    ConnectionSilent,
    MigrationConnectionDrops,
    ClientKilled,
    StreamBreaks,
    HostCut,
    OpeningFails,
    OpeningHangs,

    // Events.
    EventsLost,
    EventsDoubled,
    EventsLate,
    EventsReordered,

    // Daemons, QEMUs, hosts.
    DaemonRestarts,
    DaemonRestartsUnknowing,
    WorkersExhausted,
    QemuCrashes,
    PowerLost,

    // Other clients and the guest.
    OtherAborts,
    OtherMigratesBefore,
    OtherMigratesAfter,
    OtherBacksUp,
    OtherSuspends,
    OtherResumes,
    OtherShutsDown,
    OtherDestroys,
    OtherUndefines,
    OtherDefines,
    GuestShutsDown,
    GuestReboots,

    // The machine that this runs on.
    WallClockSteps,

    // Of coincidences alone: a virsh on the source that takes its time to reach the destination, before it asks libvirt for anything.
    CallBeginsLate,
}

/// <summary>When a fault strikes, before its delay.</summary>
internal enum FaultPoint
{
    Start,
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

/// <summary>One fault of a run.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Point">After what.</param>
/// <param name="Delay">How long after it.</param>
/// <param name="Duration">How long it lasts.</param>
/// <param name="AtDestination">At which host.</param>
/// <param name="Variant">Which of its forms.</param>
internal sealed record Fault(FaultKind Kind, FaultPoint Point, TimeSpan Delay, TimeSpan Duration, bool AtDestination, int Variant)
{
    public override string ToString()
    {
        var lasts = Duration >= SimulatedTime.Forever ? "for ever" : $"for {Duration.TotalSeconds:0.0} s";
        return $"{Kind} at {(AtDestination ? "destination" : "source")} {Delay.TotalMilliseconds:0} ms after {Point} {lasts} ({Variant})";
    }
}

/// <summary>The faults of one run: those that are still to come, and those that last.</summary>
/// <param name="world">The world that they happen in.</param>
/// <param name="plan">The faults.</param>
internal sealed class Faults(SimulatedWorld world, IReadOnlyList<Fault> plan)
{
    private readonly bool[] _isSpent = new bool[plan.Count];
    private readonly List<Fault> _lasting = [];
    private bool _isHoldingEvent;

    public IReadOnlyList<Fault> Plan { get; } = plan;

    /// <summary>Whether nothing goes wrong yet.</summary>
    public bool IsMuted { get; set; }

    /// <summary>The kinds that have struck so far; a plan may hold more than the run came to.</summary>
    public List<FaultKind> Struck { get; } = [];

    /// <summary>Whether a fault is one that waits to be taken where it fits, and has no moment of its own.</summary>
    public static bool IsTaken(FaultKind kind) => kind is FaultKind.BeginFails or FaultKind.PrepareFails or FaultKind.PrepareHangs or
        FaultKind.FinishFails or FaultKind.FinishHangs or FaultKind.UndefineFails or FaultKind.CallFailsBefore or FaultKind.ReplyLost or
        FaultKind.ReplyLate or FaultKind.ReplyIsError or FaultKind.CallBeginsLate;

    /// <summary>Whether with it both hosts can be seen, the call ends, and nobody interferes: no excuse for not knowing.</summary>
    public static bool LeavesItVisible(FaultKind kind) => kind is FaultKind.BeginFails or FaultKind.PrepareFails or FaultKind.PerformFails or
        FaultKind.FinishFails or FaultKind.UndefineFails or FaultKind.CallFailsBefore or FaultKind.EventsLost or FaultKind.EventsDoubled or
        FaultKind.EventsLate or FaultKind.EventsReordered or FaultKind.GuestReboots or FaultKind.WallClockSteps or FaultKind.CompletedAbsent or
        FaultKind.StreamBreaks;

    /// <summary>Whether it takes the engine's call alone, and both hosts can be seen as before.</summary>
    public static bool EndsCall(FaultKind kind) => kind is FaultKind.MigrationConnectionDrops or FaultKind.ClientKilled or FaultKind.ReplyIsError;

    /// <summary>Whether it ends the guest, and hides nothing.</summary>
    public static bool EndsGuest(FaultKind kind) => kind is FaultKind.GuestShutsDown or FaultKind.OtherShutsDown or FaultKind.OtherDestroys or FaultKind.QemuCrashes;

    /// <summary>Takes a fault that waits for its place.</summary>
    public Fault? Take(FaultKind kind)
    {
        for (var i = 0; i < Plan.Count && !IsMuted; i++)
        {
            if (!_isSpent[i] && Plan[i].Kind == kind)
            {
                _isSpent[i] = true;
                Struck.Add(kind);
                world.Trace?.Add("fault", kind.ToString(), Plan[i].ToString());
                return Plan[i];
            }
        }

        return null;
    }

    /// <summary>The run has come to a point that faults wait for.</summary>
    public void Reach(FaultPoint point)
    {
        for (var i = 0; i < Plan.Count && !IsMuted; i++)
        {
            var fault = Plan[i];
            if (!_isSpent[i] && fault.Point == point && !IsTaken(fault.Kind))
            {
                _isSpent[i] = true;
                world.Time.Schedule(fault.Delay, () =>
                {
                    Struck.Add(fault.Kind);
                    world.Trace?.Add("fault", fault.Kind.ToString(), fault.ToString());
                    Strikes.Strike(world, this, fault);
                });
            }
        }
    }

    /// <summary>A fault lasts from now on.</summary>
    public void Last(Fault fault)
    {
        _lasting.Add(fault);
        if (fault.Duration < SimulatedTime.Forever)
        {
            world.Time.Schedule(fault.Duration, () => _lasting.Remove(fault));
        }
    }

    /// <summary>What happens to a call to a host.</summary>
    public (CallFault Fault, TimeSpan Duration) OnCall(SimulatedHost host, CallKinds kind)
    {
        foreach (var fault in _lasting)
        {
            if (!IsAt(fault, host) || (Target(fault) & kind) == CallKinds.None)
            {
                continue;
            }

            var forever = fault.Variant % 3 == 0;
            var duration = forever ? SimulatedTime.Forever : TimeSpan.FromSeconds(1 + (fault.Variant % 97));
            switch (fault.Kind)
            {
                case FaultKind.LooksFail:
                    return (CallFault.FailsBefore, TimeSpan.Zero);
                case FaultKind.LooksFailAfter:
                    return (CallFault.FailsAfter, TimeSpan.Zero);
                case FaultKind.LooksHang:
                    return (CallFault.HangsBefore, duration);
                case FaultKind.RequestsHang:
                    return (fault.Variant % 2 == 0 ? CallFault.HangsAfter : CallFault.HangsBefore, duration);
                case FaultKind.LooksLate:
                    return (CallFault.AnswersLate, TimeSpan.FromMilliseconds(200 + (fault.Variant % 12000)));
            }
        }

        return default;
    }

    /// <summary>What happens to who opens a connection.</summary>
    public CallFault Opening(SimulatedHost host)
    {
        foreach (var fault in _lasting)
        {
            if (fault.Kind is FaultKind.OpeningFails or FaultKind.OpeningHangs && IsAt(fault, host))
            {
                return fault.Kind == FaultKind.OpeningHangs ? CallFault.HangsBefore : CallFault.FailsBefore;
            }
        }

        return CallFault.None;
    }

    /// <summary>How often an event is delivered, and how late.</summary>
    public (int Times, TimeSpan Delay) OnEvent(SimulatedHost host)
    {
        foreach (var fault in _lasting)
        {
            if (!IsAt(fault, host))
            {
                continue;
            }

            switch (fault.Kind)
            {
                case FaultKind.EventsLost:
                    return (0, TimeSpan.Zero);
                case FaultKind.EventsDoubled:
                    return (2, TimeSpan.Zero);
                case FaultKind.EventsLate:
                    return (1, TimeSpan.FromMilliseconds(100 + (fault.Variant % 8000)));
                case FaultKind.EventsReordered:
                    _isHoldingEvent = !_isHoldingEvent;
                    return (1, TimeSpan.FromMilliseconds(_isHoldingEvent ? 400 : 0));
            }
        }

        return (1, TimeSpan.Zero);
    }

    public bool Hides(SimulatedHost host) => Lasts(FaultKind.JobHidden, host);

    /// <summary>The account of the last job, as a host gives it.</summary>
    public JobStatistics? Completed(SimulatedHost host, JobStatistics? truth)
    {
        if (Lasts(FaultKind.CompletedAbsent, host))
        {
            return null;
        }

        // A stale account is of the move before, the other way; a foreign one of the same move by somebody else.
        var isStale = Lasts(FaultKind.CompletedStale, host);
        if (isStale || Lasts(FaultKind.CompletedForeign, host))
        {
            return new()
            {
                Operation = (host == world.Source) == isStale ? JobOperation.MigrationIn : JobOperation.MigrationOut,
                IsCompleted = true,
                Success = true,
                Elapsed = TimeSpan.FromSeconds(7),
                DataTotal = 1 << 28,
                DataProcessed = 1 << 28,
                Downtime = TimeSpan.FromMilliseconds(40),
                Iteration = 3,
            };
        }

        return truth;
    }

    private bool Lasts(FaultKind kind, SimulatedHost host)
    {
        foreach (var fault in _lasting)
        {
            if (fault.Kind == kind && IsAt(fault, host))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsAt(Fault fault, SimulatedHost host) => host == (fault.AtDestination ? world.Destination : world.Source);

    private static CallKinds Target(Fault fault) => fault.Kind switch
    {
        FaultKind.RequestsHang => CallKinds.Control | CallKinds.Abort,
        _ => (fault.Variant % 7) switch
        {
            0 => CallKinds.FindVm,
            1 => CallKinds.Job,
            2 => CallKinds.Completed,
            3 => CallKinds.Definition,
            4 => CallKinds.MaxDowntime,
            _ => CallKinds.Looks,
        },
    };
}
