using VirtMigrate.Estimation;

namespace VirtMigrate.Migration;

/// <summary>What is kept of one migration while it runs: phases, samples, decisions, what it achieved. Each step is reported.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="estimate">What was estimated of it before; null for nothing.</param>
/// <param name="report">Takes each report.</param>
internal sealed class MigrationRecord(string vm, VmMigrationEstimate? estimate, Action<MigrationProgress> report)
{
    private readonly ProgressTracker _tracker = new(vm, new(estimate?.DirtyRate?.Curve, estimate?.ResidentMemory));
    private readonly TransferMeter _meter = new();
    private readonly List<(MigrationPhase Phase, TimeSpan Start)> _phases = [];
    private readonly List<MigrationSample> _samples = [];
    private readonly List<MigrationDecision> _decisions = [];
    private MigrationProgress _last = new() { Vm = vm, Phase = MigrationPhase.Preparing };

    /// <summary>Time since the migration began.</summary>
    public TimeSpan Now { get; set; }

    /// <summary>The begins of the passes, and the end.</summary>
    public IReadOnlyList<MigrationSample> Samples => _samples;

    /// <summary>All decisions in their order.</summary>
    public IReadOnlyList<MigrationDecision> Decisions => _decisions;

    /// <summary>The phases, the last one up to now.</summary>
    public IReadOnlyList<MigrationPhaseSpan> Phases =>
    [
        .. _phases.Zip(_phases.Skip(1).Select(p => p.Start).Append(Now), (p, end) => new MigrationPhaseSpan(p.Phase, p.Start, end - p.Start))
            .Where(p => p.Phase != MigrationPhase.Ended),
    ];

    /// <summary>Records a phase.</summary>
    /// <param name="phase">The phase that was entered.</param>
    /// <param name="isCompleted">Whether the VM has moved.</param>
    public void Enter(MigrationPhase phase, bool isCompleted = false) => Report(_tracker.Enter(phase, Now, isCompleted));

    /// <summary>Records statistics.</summary>
    /// <param name="statistics">The statistics.</param>
    /// <param name="phase">Where the migration is on its way.</param>
    /// <param name="maxDowntime">The downtime that is allowed.</param>
    /// <param name="isStopped">Whether the guest stands still.</param>
    /// <returns>The progress.</returns>
    public MigrationProgress Update(JobStatistics statistics, MigrationPhase phase, TimeSpan maxDowntime, bool isStopped)
    {
        Report(_tracker.Update(statistics, phase, maxDowntime, isStopped));
        _meter.Take(statistics);
        return _last;
    }

    /// <summary>Records a sample.</summary>
    /// <param name="sample">The sample.</param>
    public void Add(MigrationSample sample) => _samples.Add(sample);

    /// <summary>Records a decision.</summary>
    /// <param name="decision">The decision.</param>
    public void Add(MigrationDecision decision)
    {
        _decisions.Add(decision);
        report(_last with { Decision = decision });
    }

    /// <summary>Tells what the migration achieved.</summary>
    /// <param name="result">How it ended.</param>
    /// <returns>The result with what was achieved.</returns>
    public VmMigrationResult Close(VmMigrationResult result) => result with { Bandwidth = _meter.Close(result) };

    private void Report(MigrationProgress value)
    {
        if (_phases.Count == 0 || _phases[^1].Phase != value.Phase)
        {
            _phases.Add((value.Phase, Now));
        }

        _last = value;
        report(value);
    }
}
