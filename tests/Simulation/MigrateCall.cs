using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>The engine's call that moves the VM, from its side: when it began, what it returned, and what it was to move.</summary>
internal sealed class MigrateCall
{
    private readonly TaskCompletionSource _ended = new();
    private readonly SimulatedWorld _world;
    private readonly SimulatedHost _source;
    private readonly CancellationTokenRegistration _cancelling;
    private bool _isAnswered;

    public MigrateCall(SimulatedWorld world, SimulatedHost source, SimulatedHost destination, MigrationOptionSet options, CancellationToken token)
    {
        _world = world;
        _source = source;
        Made = world.Time.Now;
        _cancelling = token.UnsafeRegister(static (s, t) =>
        {
            var call = (MigrateCall)s!;
            if (!call.HasBegun)
            {
                call._ended.TrySetCanceled(t);
            }
        }, this);
        world.Time.Schedule(world.Random.Between(0, 15), () => Begin(destination, options));
    }

    /// <summary>When the engine asked for it.</summary>
    public TimeSpan Made { get; }

    public bool HasBegun { get; private set; }

    public Task Task => _ended.Task;

    public TimeSpan? ReturnedAt { get; private set; }

    public bool HasSucceeded => _ended.Task.IsCompletedSuccessfully;

    /// <summary>Whether it ended without an answer.</summary>
    public bool IsLost => _ended.Task is { IsFaulted: true, Exception.InnerException: HostConnectionLostException or HostUnreachableException or HypervisorToolException };

    /// <summary>Whether the engine still waits for it, or gave up waiting.</summary>
    public bool IsOut => !_ended.Task.IsCompleted;

    public SimulatedMigration? Migration { get; private set; }

    /// <summary>What the migration tells its caller, as far as it gets there.</summary>
    public void Answer(HypervisorException? error)
    {
        if (!IsOut || _isAnswered)
        {
            return;
        }

        _isAnswered = true;
        if (_world.Faults.Take(FaultKind.ReplyLost) is not null)
        {
            _world.Trace?.Add("here", "call", "its reply is lost");
            return;
        }

        if (_world.Faults.Take(FaultKind.ReplyLate) is { } late)
        {
            _world.Time.Schedule(late.Duration, () => Return(error));
        }
        else if (_world.Faults.Take(FaultKind.ReplyIsError) is not null)
        {
            Return(SimulatedErrors.Lost(_source, _world.Way, "End of file while reading data: Input/output error"));
        }
        else
        {
            _world.Time.Schedule(_world.Latency(), () => Return(error));
        }
    }

    /// <summary>The connection that it waits on is gone.</summary>
    public void Break(HypervisorException error) => Return(error);

    private void Begin(SimulatedHost destination, MigrationOptionSet options)
    {
        if (!IsOut)
        {
            return;
        }

        HasBegun = true;
        _cancelling.Dispose();
        var flags = options.Flags;
        if (_world.Trace is { } trace)
        {
            trace.Add("here", "call", $"migrate {_source.Name} to {destination.Name}: {flags}");
        }

        if (_world.Faults.Take(FaultKind.CallFailsBefore) is not null)
        {
            Return(SimulatedErrors.Of(LibvirtErrorCode.InternalError, "internal error: client cannot be served at the moment", _source));
            return;
        }

        if (flags.HasFlag(MigrationFlags.PostCopyResume))
        {
            if (_source.Domain?.Migration is { } broken)
            {
                Migration = broken;
                _world.Time.Schedule(_world.Latency(), () => broken.Resume(this));
            }
            else
            {
                Return(SimulatedErrors.NoJob(_source));
            }

            return;
        }

        Migration = new(_world, _source, destination, flags, this) { Bandwidth = options.Number(MigrationOptions.Bandwidth) ?? 0 };
        _world.Add(Migration);
        Migration.After(_world.Latency() + (_world.Faults.Take(FaultKind.CallBeginsLate)?.Duration ?? TimeSpan.Zero), Migration.Protocol.Begin);
    }

    private void Return(HypervisorException? error)
    {
        if (!IsOut)
        {
            return;
        }

        _world.Trace?.Add("here", "call", error is null ? "returns" : $"fails: {error.GetType().Name}: {error.Message}");
        ReturnedAt = _world.Time.Now;
        if (error is null)
        {
            _ended.TrySetResult();
        }
        else
        {
            _ended.TrySetException(error);
        }
    }
}
