using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Something that a host told of a half of the VM which no healthy migration brings.</summary>
/// <param name="End">The host.</param>
/// <param name="Message">What it told.</param>
/// <param name="At">When, as time since the migration began.</param>
internal sealed record HeardTrouble(MigrationEnd End, string Message, TimeSpan At);

/// <summary>How a migration ended, with all that its result is made of.</summary>
internal sealed record MigrationConclusion
{
    /// <summary>What both hosts say, and what follows.</summary>
    public required VmMigrationVerification Verification { get; init; }

    /// <summary>How the call, or what came before it, failed; null where it did not.</summary>
    public required Exception? Failure { get; init; }

    /// <summary>Why it was to end before its end.</summary>
    public required StopReason Stopping { get; init; }

    /// <summary>Whether the user, or the session's end, asked for the stop.</summary>
    public required bool IsStopRequested { get; init; }

    /// <summary>The decision with which the policy, or the timeout, gave it up; null where none did.</summary>
    public required MigrationDecision? GivenUp { get; init; }

    /// <summary>The last statistics; null where there are none.</summary>
    public required JobStatistics? Statistics { get; init; }

    /// <summary>The guest's downtime; null where it is not known.</summary>
    public required TimeSpan? Downtime { get; init; }

    /// <summary>The guest's downtime at the switch-over, without the time that it was suspended before; null where it is not known.</summary>
    public required TimeSpan? SwitchoverDowntime { get; init; }

    /// <summary>What deserves attention.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>What the hosts told of trouble.</summary>
    public required IReadOnlyList<HeardTrouble> Heard { get; init; }

    /// <summary>Time from its begin to its end.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>The conclusion where a defect of this side left no other: nothing is known of either host.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="defect">The defect.</param>
    /// <returns>The conclusion.</returns>
    public static MigrationConclusion OfDefect(MigrationPlan plan, MigrationMachine machine, Exception defect) => new()
    {
        Verification = MigrationVerdict.Of(new()
        {
            Vm = plan.Vm.Name,
            Uuid = plan.Vm.Uuid,
            Source = new() { VmHost = plan.SourceHost, Error = defect.Message },
            Destination = new() { VmHost = plan.DestinationHost, Error = defect.Message },
            Call = machine.Call.State,
            Before = plan.Vm.Status,
        }),
        Failure = defect,
        Stopping = machine.Call.Stopping,
        IsStopRequested = machine.Call.IsStopRequested,
        GivenUp = null,
        Statistics = machine.Convergence.Last,
        Downtime = null,
        SwitchoverDowntime = null,
        Warnings = [],
        Heard = [],
        Duration = machine.Now,
    };
}

/// <summary>Gathers the errors of a migration's both ends.</summary>
internal static class MigrationErrors
{
    /// <summary>Gathers them.</summary>
    /// <param name="plan">The migration.</param>
    /// <param name="startTime">When it began.</param>
    /// <param name="conclusion">How it ended.</param>
    /// <returns>The errors, the one that ended the migration first.</returns>
    public static IReadOnlyList<VmMigrationError> Gather(MigrationPlan plan, DateTimeOffset startTime, MigrationConclusion conclusion)
    {
        var verification = conclusion.Verification;
        var errors = new List<VmMigrationError>();
        for (var exception = conclusion.Failure; exception is not null; exception = exception.InnerException)
        {
            errors.Add(Describe(plan, exception, startTime + conclusion.Duration));
        }

        // A VM that arrived has no failed end, whatever a half of it did on the way.
        if (verification.Outcome != MigrationOutcome.Completed)
        {
            errors.AddRange(conclusion.Heard.Select(h => new VmMigrationError
            {
                End = h.End,
                Host = (h.End == MigrationEnd.Source ? plan.SourceHost : plan.DestinationHost).Name,
                Message = h.Message,
                Time = startTime + h.At,
            }));
        }

        errors.AddRange(DescribeUnseen(verification.SourceInstance, MigrationEnd.Source, startTime + conclusion.Duration));
        errors.AddRange(DescribeUnseen(verification.DestinationInstance, MigrationEnd.Destination, startTime + conclusion.Duration));
        return errors;
    }

    /// <summary>Finds the reason behind an exception.</summary>
    /// <param name="exception">What a host or the way to it threw; null for nothing.</param>
    /// <returns>The reason; null where none is known.</returns>
    public static Failure? FindReason(Exception? exception) =>
        exception is HypervisorException e ? FailureTable.Find(e.Message, e.Error?.Code) : null;

    private static VmMigrationError Describe(MigrationPlan plan, Exception exception, DateTimeOffset time)
    {
        var error = (exception as HypervisorException)?.Error;
        var kind = FindReason(exception);
        var end = FindEnd(plan, exception, kind);
        return new()
        {
            End = end,
            Host = end switch
            {
                MigrationEnd.Source => plan.SourceHost.Name,
                MigrationEnd.Destination => plan.DestinationHost.Name,
                _ => null,
            },
            Code = error?.Code,
            Domain = error?.Domain,
            Message = exception.Message,
            ErrorId = kind?.Id,
            Time = time,
        };
    }

    private static MigrationEnd FindEnd(MigrationPlan plan, Exception exception, Failure? kind)
    {
        if (exception is not HypervisorException { Error: not null })
        {
            return MigrationEnd.Client;
        }

        if (exception is HostConnectionLostException)
        {
            return (plan.Source.IsAlive, plan.Destination.IsAlive) switch
            {
                (false, true) => MigrationEnd.Source,
                (true, false) => MigrationEnd.Destination,
                _ => MigrationEnd.Unknown,
            };
        }

        // Each end names its own job and its own QEMU's commands.
        return exception.Message switch
        {
            _ when kind is { End: not MigrationEnd.Unknown } => kind.End,
            var m when m.Contains("'migration out'", StringComparison.Ordinal) => MigrationEnd.Source,
            var m when m.Contains("'migration in'", StringComparison.Ordinal) => MigrationEnd.Destination,
            var m when m.Contains("'migrate-incoming'", StringComparison.Ordinal) => MigrationEnd.Destination,
            _ => MigrationEnd.Unknown,
        };
    }

    private static IEnumerable<VmMigrationError> DescribeUnseen(VmInstance instance, MigrationEnd end, DateTimeOffset time) => instance.Error is { } error
        ? [new() { End = end, Host = instance.VmHost.Name, Message = error, ErrorId = FailureTable.Find(error)?.Id, Time = time }]
        : [];
}
