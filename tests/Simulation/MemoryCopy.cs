using VirtMigrate.Hosts;

namespace VirtMigrate.Simulation;

/// <summary>
/// QEMU's copying of a guest's memory: iterations over what the guest wrote meanwhile, until the rest fits into the allowed downtime; or in
/// post-copy the rest alone. Progress follows from the time that has passed; only the end of an iteration is an item of the queue.
/// </summary>
/// <param name="world">The world.</param>
/// <param name="migration">The migration that it belongs to.</param>
internal sealed class MemoryCopy(SimulatedWorld world, SimulatedMigration migration)
{
    private const int PageSize = 4096;
    private static readonly TimeSpan ShortestIteration = TimeSpan.FromMilliseconds(20);
    private readonly TimeSpan _begun = world.Time.Now;
    private readonly long _total = world.Guest.Memory;
    private TimeSpan _touched = world.Time.Now;
    private double _remaining = world.Guest.Memory;
    private double _processed;
    private double _dirtied;
    private int _iteration;
    private int _version;
    private bool _isRunning;
    private bool _isPostCopy;

    public double Remaining => _remaining;

    /// <summary>The guest's downtime, when it has ended.</summary>
    public TimeSpan? Downtime { get; set; }

    private double Rate
    {
        get
        {
            var limit = migration.Bandwidth > 0 ? migration.Bandwidth : migration.Source.Domain?.Bandwidth ?? 0;
            return limit > 0 ? Math.Min(limit, world.Guest.LinkRate) : world.Guest.LinkRate;
        }
    }

    public void Start()
    {
        _isRunning = true;
        BeginIteration(_total);
    }

    public void Stop()
    {
        Touch();
        _isRunning = false;
        _version++;
    }

    /// <summary>Something that the speed depends on has changed.</summary>
    public void Changed()
    {
        if (_isRunning)
        {
            Touch();
            ScheduleEnd();
        }
    }

    /// <summary>The rest is fetched by the guest that runs at the destination already, or goes on to be after a break.</summary>
    public void StartPostCopy()
    {
        Touch();
        _isPostCopy = true;
        _remaining += _dirtied;
        _dirtied = 0;
        _isRunning = true;
        ScheduleEnd();
    }

    /// <summary>The pass over the guest's memory.</summary>
    public int Iteration => _iteration;

    public JobStatistics Read(JobOperation operation, bool isCompleted = false, bool? success = null, string? error = null)
    {
        Touch();
        return new()
        {
            Operation = operation,
            IsCompleted = isCompleted,
            Success = world.Scenario.Oddity == LibvirtOddity.SuccessIsUntold ? null : success,
            IsFailed = success == false,
            ErrorMessage = error,

            // libvirt counts from the begin of the job, which is before that of the copy.
            Elapsed = world.Time.Now - (operation == JobOperation.MigrationOut ? migration.Outgoing.JobBegan : _begun),
            Downtime = Downtime ?? TimeSpan.FromSeconds(Math.Min(1e6, _dirtied / Rate)),
            SetupTime = TimeSpan.FromMilliseconds(5),
            DataTotal = _total,
            DataProcessed = (long)_processed,
            DataRemaining = isCompleted ? 0 : (long)_remaining,
            MemoryTotal = _total,
            MemoryProcessed = (long)_processed,
            MemoryRemaining = isCompleted ? 0 : (long)_remaining,
            MemoryRate = _isRunning ? (long)Rate : 0,
            DirtyPagesPerSecond = migration.Source.IsExecuting ? world.Guest.DirtyRate / PageSize : 0,
            PageSize = PageSize,
            Iteration = _iteration,
            PostCopyRequests = _isPostCopy ? 1 + (_iteration * 10) : 0,
        };
    }

    private void BeginIteration(double bytes)
    {
        _iteration++;
        _remaining = bytes;
        _dirtied = 0;
        if (world.Trace is { } trace)
        {
            trace.Add(migration.Source.Name, "qemu", $"iteration {_iteration}, {bytes / 1048576:0.0} MiB remaining");
        }

        migration.Source.Emit(new MigrationIterationEvent(world.Uuid, _iteration));
        ScheduleEnd();
    }

    private void Touch()
    {
        var passed = (world.Time.Now - _touched).TotalSeconds;
        _touched = world.Time.Now;
        if (!_isRunning || passed <= 0)
        {
            return;
        }

        var sent = Math.Min(_remaining, Rate * passed);
        _remaining -= sent;
        _processed += sent;
        if (!_isPostCopy && migration.Source.IsExecuting)
        {
            _dirtied = Math.Min(world.Guest.WorkingSet, _dirtied + (world.Guest.DirtyRate * passed));
        }
    }

    private void ScheduleEnd()
    {
        var version = ++_version;
        var needed = TimeSpan.FromSeconds(_remaining / Rate);
        world.Time.Schedule(needed > ShortestIteration ? needed : ShortestIteration, () =>
        {
            if (version == _version && _isRunning)
            {
                EndIteration();
            }
        });
    }

    private void EndIteration()
    {
        Touch();
        if (_isPostCopy)
        {
            Stop();
            _processed += _remaining;
            _remaining = 0;
            migration.PostCopy.Complete();
            return;
        }

        var rest = Math.Max(_dirtied, 16 * PageSize);
        var limit = migration.Source.Domain?.MaxDowntime ?? SimulatedDomain.UsualMaxDowntime;
        if (rest / Rate <= limit.TotalSeconds)
        {
            var downtime = TimeSpan.FromSeconds(rest / Rate);
            Stop();
            _processed += rest;
            _remaining = 0;
            migration.Protocol.SwitchOver(downtime + TimeSpan.FromMilliseconds(10));
        }
        else
        {
            BeginIteration(rest);
        }
    }
}
