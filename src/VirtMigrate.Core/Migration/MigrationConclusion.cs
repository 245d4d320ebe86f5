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
