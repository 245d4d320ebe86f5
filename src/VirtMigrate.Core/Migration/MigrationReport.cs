using VirtMigrate.Migration.Failures;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>How a migration that began has ended.</summary>
/// <param name="Result">What became of the VM.</param>
/// <param name="Failure">Why it did not complete; null when it did.</param>
public sealed record MigrationReport(VmMigrationResult Result, Exception? Failure)
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
            Throughput = statistics is null ? null : ProgressTracker.Rate(statistics),
            Iterations = statistics?.Iteration,
            Connections = plan.IsLive ? plan.Options.Connections : 0,
            Command = plan.Command,
            Verification = verification,
            Statistics = statistics,
            Policy = plan.Policy?.Name,
            Estimate = plan.Estimate,
            Options = MigrationOptionValues.Of(plan),
            Phases = record.Phases,
            Samples = [.. record.Samples],
            Decisions = [.. record.Decisions],
            Error = (error ?? conclusion.Failure)?.Message,
            ErrorId = error?.ErrorId,
            CanRetry = error?.CanRetry,
            Warnings = conclusion.Warnings,
            Errors = MigrationErrors.Gather(plan, startTime, conclusion),
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
        if (verification.Outcome == MigrationOutcome.RolledBack && conclusion is { IsStopRequested: false, GivenUp: { } decision })
        {
            return conclusion.Stopping == StopReason.TimedOut && plan.Limits.Timeout is { } limit
                ? new MigrationTimeoutException(verification, limit,
                    $"The migration of '{name}' was aborted after {limit.TotalSeconds:0} s. {verification.Message}") { Vm = name }
                : new MigrationGivenUpException(verification, plan.Policy?.Name ?? "none", decision) { Vm = name };
        }

        var cause = conclusion.IsStopRequested ? "it was stopped" : conclusion.Failure?.Message.TrimEnd('.') ?? "libvirt gave no error";
        return new MigrationFailedException(verification,
            $"The migration of '{name}' to '{plan.DestinationHost.Name}' did not complete: {cause}. {verification.Message}", conclusion.Failure)
        {
            Vm = name,
            Kind = conclusion.IsStopRequested ? MigrationFailures.Stopped : MigrationFailures.Classify(conclusion.Failure),
        };
    }
}
