using System.Diagnostics;
using VirtMigrate.Estimation;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Keeps the record of one migration while it runs, and reports each step of it. Calls may come from any thread.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="progress">Where to report.</param>
/// <param name="estimate">What was estimated of it before; null for nothing.</param>
internal sealed class MigrationRecorder(string vm, IProgress<MigrationProgress>? progress, VmMigrationEstimate? estimate = null)
{
    private readonly object _lock = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ProgressTracker _tracker = new(vm, new(estimate?.DirtyRate?.Curve, estimate?.ResidentMemory));
    private readonly TransferMeter _meter = new();
    private readonly List<(MigrationPhase Phase, TimeSpan Start)> _phases = [];
    private readonly List<MigrationSample> _samples = [];
    private readonly List<MigrationDecision> _decisions = [];
    private MigrationProgress _last = new() { Vm = vm, Phase = MigrationPhase.Preparing };

    /// <summary>Time since the migration began.</summary>
    public TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>The begins of the passes, and the end.</summary>
    public IReadOnlyList<MigrationSample> Samples
    {
        get
        {
            lock (_lock)
            {
                return _samples.ToArray();
            }
        }
    }

    /// <summary>All decisions in their order.</summary>
    public IReadOnlyList<MigrationDecision> Decisions
    {
        get
        {
            lock (_lock)
            {
                return _decisions.ToArray();
            }
        }
    }

    /// <summary>The phases, the last one up to now.</summary>
    public IReadOnlyList<MigrationPhaseSpan> Phases
    {
        get
        {
            lock (_lock)
            {
                var ends = _phases.Skip(1).Select(p => p.Start).Append(Elapsed);
                return _phases.Zip(ends, (p, end) => new MigrationPhaseSpan(p.Phase, p.Start, end - p.Start))
                    .Where(p => p.Phase != MigrationPhase.Ended).ToArray();
            }
        }
    }

    /// <summary>Records a phase.</summary>
    /// <param name="phase">The phase that was entered.</param>
    /// <param name="isCompleted">Whether the VM has moved.</param>
    public void Enter(MigrationPhase phase, bool isCompleted = false)
    {
        lock (_lock)
        {
            Report(_tracker.Enter(phase, Elapsed, isCompleted));
        }
    }

    /// <summary>Records an account.</summary>
    /// <param name="statistics">The account.</param>
    /// <param name="phase">Where the migration is on its way.</param>
    /// <param name="maxDowntime">The standstill that is allowed.</param>
    /// <param name="isStopped">Whether the guest stands still.</param>
    /// <returns>The progress.</returns>
    public MigrationProgress Update(JobStatistics statistics, MigrationPhase phase, TimeSpan maxDowntime, bool isStopped)
    {
        lock (_lock)
        {
            Report(_tracker.Update(statistics, phase, maxDowntime, isStopped));
            _meter.Take(statistics);
            return _last;
        }
    }

    /// <summary>Tells what the migration achieved.</summary>
    /// <param name="result">How it ended.</param>
    /// <returns>The result with what was achieved.</returns>
    public VmMigrationResult Close(VmMigrationResult result)
    {
        lock (_lock)
        {
            return result with { Bandwidth = _meter.Close(result) };
        }
    }

    /// <summary>Records a sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Add(MigrationSample sample)
    {
        lock (_lock)
        {
            _samples.Add(sample);
        }
    }

    /// <summary>Records a decision.</summary>
    /// <param name="decision">The decision.</param>
    public void Add(MigrationDecision decision)
    {
        lock (_lock)
        {
            _decisions.Add(decision);
            progress?.Report(_last with { Decision = decision });
        }
    }

    private void Report(MigrationProgress value)
    {
        if (_phases.Count == 0 || _phases[^1].Phase != value.Phase)
        {
            _phases.Add((value.Phase, Elapsed));
        }

        _last = value;
        progress?.Report(value);
    }
}
