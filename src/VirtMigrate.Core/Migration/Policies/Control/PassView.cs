using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>One pass over the guest's memory at its begin, as the deciding parts of a policy see it.</summary>
/// <param name="Elapsed">Time since the migration began.</param>
/// <param name="Iteration">The pass's number, from 1.</param>
/// <param name="Remaining">Bytes that the pass has to move.</param>
/// <param name="Rate">The smoothed rate in bytes per second; null before anything has moved.</param>
/// <param name="ImpliedDowntime">The standstill that moving the rest at once would take; null while the rate is not known.</param>
/// <param name="MaxDowntime">The standstill that is allowed now.</param>
internal sealed record PassView(
    TimeSpan Elapsed, long Iteration, long Remaining, long? Rate, TimeSpan? ImpliedDowntime, TimeSpan MaxDowntime)
{
    /// <summary>How the implied standstill stands to the one that is allowed: <c>implied downtime 1,870 ms > 500 ms</c>.</summary>
    public string Comparison => ImpliedDowntime is { } implied
        ? $"implied downtime {PolicyWording.Milliseconds(implied)} {(implied > MaxDowntime ? ">" : "≤")} {PolicyWording.Milliseconds(MaxDowntime)}"
        : "implied downtime not known yet";

    /// <summary>Makes a decision with this pass's numbers.</summary>
    /// <param name="action">What is decided.</param>
    /// <param name="reason">Why.</param>
    /// <param name="maxDowntime">The limit that is set.</param>
    /// <param name="status">Whether it is carried out.</param>
    /// <returns>The decision.</returns>
    public MigrationDecision Decide(MigrationAction action, string reason, TimeSpan? maxDowntime = null,
        MigrationDecisionStatus status = MigrationDecisionStatus.Done) => new()
        {
            Elapsed = Elapsed,
            Iteration = Iteration,
            Action = action,
            Status = status,
            Reason = reason,
            MaxDowntime = maxDowntime,
            ImpliedDowntime = ImpliedDowntime,
            Remaining = Remaining,
            Rate = Rate,
        };

    /// <summary>Makes the decision to go on as it is.</summary>
    /// <param name="reason">Why.</param>
    /// <returns>The decision.</returns>
    public MigrationDecision GoOn(string reason) => Decide(MigrationAction.Continue, reason);
}
