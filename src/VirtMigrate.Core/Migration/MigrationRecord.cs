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

/// <summary>
/// Turns libvirt's accounts of one migration into progress that a person can follow: a percentage that never falls,
/// although a guest that dirties memory makes the remaining data grow again.
/// </summary>
/// <param name="vm">The VM's name.</param>
/// <param name="timeLeft">Forecasts the time left; null for one that knows nothing of the guest yet.</param>
internal sealed class ProgressTracker(string vm, TimeLeftForecast? timeLeft = null)
{
    private const double FirstPass = 90;
    private const double LastPass = 99;

    // What later passes have to move is counted against this share of all data; a busier guest stays at 90 for a while.
    private const double LaterShare = 0.1;

    private readonly TimeLeftForecast _timeLeft = timeLeft ?? new();
    private int _percent;

    /// <summary>Takes in one account.</summary>
    /// <param name="statistics">The account.</param>
    /// <param name="phase">Where the migration is on its way.</param>
    /// <param name="maxDowntime">The downtime that is allowed; null where it is not known.</param>
    /// <param name="isStopped">Whether the guest stands still.</param>
    /// <returns>The progress.</returns>
    public MigrationProgress Update(JobStatistics statistics, MigrationPhase phase, TimeSpan? maxDowntime = null, bool isStopped = false)
    {
        _timeLeft.Update(statistics, phase, maxDowntime, isStopped);
        _percent = Math.Max(_percent, Percent(statistics));
        return new()
        {
            Vm = vm,
            Phase = phase,
            PercentComplete = _percent,

            // Before QEMU has looked at the guest's memory, nothing remains and nothing is known.
            Remaining = statistics.DataTotal > 0 ? statistics.DataRemaining : null,
            Transferred = statistics.DataProcessed,
            Rate = statistics.Rate,
            Iteration = statistics.Iteration,
            TimeLeft = _timeLeft.TimeLeft,
            ImpliedDowntime = _timeLeft.ImpliedDowntime,
            Elapsed = statistics.Elapsed,
        };
    }

    /// <summary>The progress of a migration that has no account at the moment.</summary>
    /// <param name="phase">Where it is on its way.</param>
    /// <param name="elapsed">Time since it began.</param>
    /// <param name="isCompleted">Whether the VM has moved; only then all is done.</param>
    /// <returns>The progress.</returns>
    public MigrationProgress Enter(MigrationPhase phase, TimeSpan elapsed, bool isCompleted = false)
    {
        _percent = isCompleted ? 100 : _percent;
        return new() { Vm = vm, Phase = phase, PercentComplete = _percent, Elapsed = elapsed };
    }

    /// <summary>
    /// The share that is done. The first pass over memory and disks leads to 90; what the guest writes meanwhile and later
    /// passes move again fills up the rest, and 100 is kept for the end.
    /// </summary>
    /// <param name="statistics">An account.</param>
    /// <returns>0 to 99.</returns>
    public static int Percent(JobStatistics statistics)
    {
        if (statistics.DataTotal <= 0)
        {
            return 0;
        }

        var left = Math.Clamp((double)statistics.DataRemaining / statistics.DataTotal, 0, 1);
        return (int)(statistics.Iteration is > 1
            ? FirstPass + ((LastPass - FirstPass) * (1 - Math.Min(1, left / LaterShare)))
            : FirstPass * (1 - left));
    }
}
