using VirtMigrate.Hosts;

namespace VirtMigrate.Simulation;

/// <summary>What a call asks, so that a fault can hit some calls and not others.</summary>
[Flags]
internal enum CallKinds
{
    None = 0,
    FindVm = 1 << 0,
    Job = 1 << 1,
    Completed = 1 << 2,
    Definition = 1 << 3,
    MaxDowntime = 1 << 4,
    Control = 1 << 5,
    Abort = 1 << 6,
    Other = 1 << 7,
    Looks = FindVm | Job | Completed | Definition | MaxDowntime,
    All = Looks | Control | Abort | Other,
}

/// <summary>What a fault does to one call.</summary>
internal enum CallFault
{
    None,
    FailsBefore,
    FailsAfter,
    HangsBefore,
    HangsAfter,
    AnswersLate,
    Hidden,
}

/// <summary>One call on its way to a daemon and back.</summary>
internal abstract class SimulatedCall(SimulatedConnection connection, CallKinds kind, bool takesLock, CallFault fault, TimeSpan faultDuration)
{
    // virsh and libvirt wait this long for a domain's job lock (QEMU_JOB_WAIT_TIME).
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(30);

    /// <summary>A step that lets a call that waited try again.</summary>
    public static readonly Action<object?> ArriveAgain = static c => ((SimulatedCall)c!).Arrive();

    private static readonly Action<object?> AnswerNow = static c => ((SimulatedCall)c!).Answer();
    private TimeSpan? _lockDeadline;
    private bool _hasArrived;

    public CallKinds Kind { get; } = kind;

    protected SimulatedConnection Connection { get; } = connection;

    protected Exception? Failure { get; set; }

    /// <summary>Ends it for the caller with an error, unless it has ended.</summary>
    public abstract void Fail(Exception failure);

    /// <summary>The daemon reads the request, if it gets there and a worker is free.</summary>
    public void Arrive()
    {
        var host = Connection.SimulatedHost;
        if (Connection.IsSevered || _hasArrived)
        {
            return;
        }

        if (!host.Answers || (host.IsDomainHeld && Kind != CallKinds.Other))
        {
            host.Park(this);
            return;
        }

        if (takesLock && host.Domain is { } domain && Connection.World.IsLocked(host, domain) && !WaitForLock(host))
        {
            return;
        }

        _hasArrived = true;
        if (fault == CallFault.FailsBefore)
        {
            Failure = Failure ?? new HypervisorException(new(LibvirtErrorCode.InternalError, 0, "internal error: client cannot be served at the moment"), host.Address);
        }
        else if (fault != CallFault.HangsBefore && Failure is null)
        {
            try
            {
                Execute();
            }
            catch (HypervisorException e)
            {
                Failure = e;
            }

            if (fault == CallFault.FailsAfter)
            {
                Failure = new HypervisorException(new(LibvirtErrorCode.Rpc, 0, "internal error: failed to serialize the reply"), host.Address);
            }
        }

        var late = fault is CallFault.HangsBefore or CallFault.HangsAfter or CallFault.AnswersLate ? faultDuration : TimeSpan.Zero;
        if (fault == CallFault.HangsBefore)
        {
            Failure = new HypervisorException(new(LibvirtErrorCode.InternalError, 0, "internal error: the request timed out in the daemon"), host.Address);
        }

        if (late < SimulatedTime.Forever)
        {
            Connection.World.Time.Schedule(late + Connection.World.Latency(), AnswerNow, this);
        }
    }

    /// <summary>What the daemon does; its result is kept for the answer.</summary>
    protected abstract void Execute();

    protected abstract void Complete();

    private void Answer()
    {
        if (!Connection.IsSevered)
        {
            Connection.Forget(this);
            Complete();
        }
    }

    private bool WaitForLock(SimulatedHost host)
    {
        var time = Connection.World.Time;
        if (_lockDeadline is null)
        {
            _lockDeadline = time.Now + LockTimeout;
            time.Schedule(LockTimeout, ArriveAgain, this);
        }

        if (time.Now >= _lockDeadline)
        {
            Failure = SimulatedErrors.Busy(host);
            return true;
        }

        host.Park(this);
        return false;
    }
}

/// <summary>One call with its result. Completed on the simulator's thread, with all that waits for it.</summary>
internal sealed class SimulatedCall<T> : SimulatedCall
{
    private readonly TaskCompletionSource<T> _ended = new();
    private readonly Func<T> _effect;
    private readonly CancellationTokenRegistration _cancelling;
    private T? _value;

    public SimulatedCall(SimulatedConnection connection, CallKinds kind, bool takesLock, CallFault fault, TimeSpan faultDuration, Func<T> effect, CancellationToken token)
        : base(connection, kind, takesLock, fault, faultDuration)
    {
        _effect = effect;
        if (token.CanBeCanceled)
        {
            // What is on its way to the daemon can't be taken back.
            _cancelling = token.UnsafeRegister(static (s, t) =>
            {
                var call = (SimulatedCall<T>)s!;
                call.Connection.Forget(call);
                call._ended.TrySetCanceled(t);
            }, this);
        }
    }

    public Task<T> Task => _ended.Task;

    public override void Fail(Exception failure)
    {
        _cancelling.Dispose();
        _ended.TrySetException(failure);
    }

    private static string Describe(T? value) => value switch
    {
        Vm vm => vm.Status.ToString(),
        JobReading reading => reading.Statistics is { } job ? $"{job.Operation}, iteration {job.Iteration}" : reading.IsHidden ? "hidden" : reading.IsIncoming ? "incoming" : "no job",
        JobStatistics job => $"{job.Operation}, {(job.Success == false ? "failed" : "completed")}",
        string text => $"{text.Length} characters",
        null => "nothing",
        _ => value.ToString() ?? string.Empty,
    };

    protected override void Execute() => _value = _effect();

    protected override void Complete()
    {
        _cancelling.Dispose();
        if (Connection.World.Trace is { } trace && !_ended.Task.IsCompleted)
        {
            trace.Add("here", Kind.ToString(), $"{Connection.SimulatedHost.Name} answers: {Failure?.Message ?? Describe(_value)}");
        }

        if (Failure is { } failure)
        {
            _ended.TrySetException(failure);
        }
        else
        {
            _ended.TrySetResult(_value!);
        }
    }
}
