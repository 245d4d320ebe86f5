using VirtMigrate.Failures;
using VirtMigrate.Planning;
using VirtMigrate.Policies;

namespace VirtMigrate.Migration;

/// <summary>How a migration that began has ended.</summary>
/// <param name="Result">What became of the VM.</param>
/// <param name="Failure">Why it did not complete; null when it did.</param>
internal sealed record MigrationReport(VmMigrationResult Result, Exception? Failure)
{
    /// <summary>Makes the report of a conclusion.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="startTime">When it began, on this machine's clock.</param>
    /// <param name="conclusion">How it ended.</param>
    /// <param name="record">What was kept of it.</param>
    /// <returns>The report.</returns>
    internal static MigrationReport Of(MigrationPlan plan, DateTimeOffset startTime, MigrationConclusion conclusion, MigrationRecord record)
    {
        var error = Explain(plan, conclusion);
        var (verification, statistics) = (conclusion.Verification, conclusion.Statistics);
        return new(record.Close(new()
        {
            Vm = plan.Vm.Name,
            Uuid = plan.Vm.Uuid,
            Source = plan.SourceHost,
            Destination = plan.DestinationHost,
            Outcome = verification.Outcome,
            IsLive = plan.IsLive,
            StartTime = startTime,

            // The clock may be set meanwhile; how long it took is not read off it.
            EndTime = startTime + conclusion.Duration,
            Downtime = conclusion.Downtime,
            SwitchoverDowntime = conclusion.SwitchoverDowntime,
            Transferred = statistics?.DataProcessed,
            Throughput = statistics is null ? null : statistics.Rate,
            Iterations = statistics?.Iteration,
            Connections = plan.IsLive ? plan.Options.Connections : 0,
            Command = plan.Command,
            Verification = verification,
            Statistics = statistics,
            Policy = plan.Policy?.Name,
            Estimate = plan.Estimate,
            Options = plan.Options.ToValues(),

            // Arrays, which scripts can index from their ends.
            Phases = record.Phases.ToArray(),
            Samples = record.Samples.ToArray(),
            Decisions = record.Decisions.ToArray(),

            // An attempt to resume that failed is no error of one that went on by itself.
            Error = (plan.Role == MigrationRole.Resume ? error : error ?? conclusion.Failure)?.Message,
            ErrorId = error?.Failure.Id,
            CanRetry = error?.CanRetry,
            Warnings = conclusion.Warnings,
            Errors = MigrationErrors.Gather(plan, startTime, conclusion).ToArray(),
        }), error);
    }

    private static MigrationEndedException? Explain(MigrationPlan plan, MigrationConclusion conclusion)
    {
        var verification = conclusion.Verification;
        if (verification.Outcome == MigrationOutcome.Completed)
        {
            return null;
        }

        var name = plan.Vm.Name;
        if (plan.Role == MigrationRole.Resume && ExplainResumption(plan, conclusion) is { } explained)
        {
            return explained;
        }

        if (verification.Outcome == MigrationOutcome.RolledBack && conclusion is { IsStopRequested: false, GivenUp: { } decision })
        {
            return conclusion.Stopping == StopReason.TimedOut && plan.Limits.Timeout is { } limit
                ? new(OutcomeFailures.Timeout, name, verification,
                    $"The migration of '{name}' was aborted after {limit.TotalSeconds:0} s. {verification.Message}")
                : new(OutcomeFailures.AbortedByPolicy, name, verification,
                    $"The policy {plan.Policy?.Name ?? "none"} aborted the migration of VM '{verification.Vm}' ({decision.Reason}). " +
                        $"{verification.Message}");
        }

        return ExplainFailure(plan, conclusion);
    }

    // Where the guest has arrived, or is where it was, a resumption ends as any migration does.
    private static MigrationEndedException? ExplainResumption(MigrationPlan plan, MigrationConclusion conclusion)
    {
        var (verification, name) = (conclusion.Verification, plan.Vm.Name);
        return conclusion switch
        {
            { IsStopRequested: true } => null,
            { Stopping: StopReason.TimedOut } => new(
                verification is { Outcome: MigrationOutcome.Unknown, IsInProgress: true }
                    ? OutcomeFailures.ResumeUnnoticed
                    : OutcomeFailures.ResumeTimedOut,
                name,
                verification,
                $"The post-copy of VM '{verification.Vm}' did not continue within {plan.StallTimeout.TotalSeconds:0} s: " +
                    $"{conclusion.Failure?.Message.TrimEnd('.') ?? "no memory is being transferred"}. {verification.Message}")
            {
                // There is still something to resume: a QEMU that hangs may come back, and so may a link.
                CanRetry = verification.Outcome == MigrationOutcome.PostCopyPaused,
            },

            // A half is gone only where both hosts were seen, and nothing is on its way any more.
            { Verification: { Outcome: MigrationOutcome.Unknown } seen } when seen.IsInProgress || !seen.SourceInstance.IsKnown || !seen.DestinationInstance.IsKnown =>
                new(OutcomeFailures.Unknown, name, verification, verification.Message),
            { Verification.Outcome: MigrationOutcome.Unknown or MigrationOutcome.GuestShutDown or MigrationOutcome.GuestDestroyed or
                MigrationOutcome.GuestCrashed } => new(OutcomeFailures.PostCopyLost, name, verification, verification.Message),
            _ => null,
        };
    }

    private static MigrationEndedException ExplainFailure(MigrationPlan plan, MigrationConclusion conclusion)
    {
        var (verification, name) = (conclusion.Verification, plan.Vm.Name);
        var cause = conclusion.IsStopRequested ? "it was stopped" : conclusion.Failure?.Message.TrimEnd('.') ?? "libvirt gave no error";
        return new(
            conclusion.IsStopRequested ? OutcomeFailures.Stopped : MigrationErrors.FindReason(conclusion.Failure),
            name,
            verification,
            plan.Role == MigrationRole.Resume && conclusion.IsStopRequested
                ? $"Stopped waiting for the post-copy of '{name}'. {verification.Message}"
                : $"The migration of '{name}' to '{plan.DestinationHost.Name}' did not complete: {cause}. {verification.Message}",
            conclusion.Failure);
    }
}
