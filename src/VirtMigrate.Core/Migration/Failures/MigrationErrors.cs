using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Failures;

/// <summary>Gathers the errors of a migration's both ends.</summary>
internal static class MigrationErrors
{
    /// <summary>Gathers them.</summary>
    /// <param name="plan">The migration.</param>
    /// <param name="failure">What the call threw that moves the VM; null for nothing.</param>
    /// <param name="verification">What both hosts said afterwards.</param>
    /// <param name="witness">What was seen of both hosts meanwhile.</param>
    /// <returns>The errors, the one that ended the migration first.</returns>
    public static IReadOnlyList<VmMigrationError> Gather(
        MigrationPlan plan, Exception? failure, VmMigrationVerification verification, MigrationWitness witness)
    {
        var errors = new List<VmMigrationError>();
        for (var exception = failure; exception is not null; exception = exception.InnerException)
        {
            errors.Add(Describe(plan, exception));
        }

        // A VM that arrived has no failed end, whatever a half of it did on the way.
        if (verification.Outcome != MigrationOutcome.Completed)
        {
            errors.AddRange(witness.Seen);
        }

        errors.AddRange(DescribeUnseen(verification.SourceInstance, MigrationEnd.Source));
        errors.AddRange(DescribeUnseen(verification.DestinationInstance, MigrationEnd.Destination));
        return errors;
    }

    private static VmMigrationError Describe(MigrationPlan plan, Exception exception)
    {
        var error = (exception as HypervisorException)?.Error;
        var kind = MigrationFailures.Classify(exception);
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
            Time = DateTimeOffset.Now,
        };
    }

    private static MigrationEnd FindEnd(MigrationPlan plan, Exception exception, MigrationFailureKind? kind)
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

    private static IEnumerable<VmMigrationError> DescribeUnseen(VmInstance instance, MigrationEnd end) => instance.Error is { } error
        ? [new() { End = end, Host = instance.VmHost.Name, Message = error, ErrorId = MigrationFailures.Classify(error)?.Id, Time = DateTimeOffset.Now }]
        : [];
}
