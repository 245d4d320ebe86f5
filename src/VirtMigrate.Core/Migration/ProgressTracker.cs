using VirtMigrate.Estimation;

namespace VirtMigrate.Migration;

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
        ArgumentNullException.ThrowIfNull(statistics);
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
        ArgumentNullException.ThrowIfNull(statistics);
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
