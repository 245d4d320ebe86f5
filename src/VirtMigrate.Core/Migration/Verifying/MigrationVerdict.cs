using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Concludes from what two hosts say of one VM what has become of it. Assumes nothing of what it was not told.</summary>
public static class MigrationVerdict
{
    /// <summary>Concludes.</summary>
    /// <param name="name">The VM's name.</param>
    /// <param name="uuid">The VM's UUID.</param>
    /// <param name="source">What the source says.</param>
    /// <param name="destination">What the destination says.</param>
    /// <param name="wasActive">Whether the VM had a process when its migration began; null where that is not known.</param>
    /// <returns>The conclusion, with both statements.</returns>
    public static VmMigrationVerification Of(string name, Guid uuid, VmInstance source, VmInstance destination, bool? wasActive = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        var (outcome, isInProgress, message) = Conclude(name, source, destination, wasActive);
        return new()
        {
            Vm = name,
            Uuid = uuid,
            Source = source.VmHost,
            Destination = destination.VmHost,
            SourceInstance = source,
            DestinationInstance = destination,
            Outcome = outcome,
            IsInProgress = isInProgress,
            Message = message,
        };
    }

    private static (MigrationOutcome Outcome, bool IsInProgress, string Message) Conclude(
        string vm, VmInstance source, VmInstance destination, bool? wasActive)
    {
        var (from, to) = (source.VmHost.Name, destination.VmHost.Name);
        if (source.Status is { IsPostCopyFailed: true } || destination.Status is { IsPostCopyFailed: true })
        {
            return PostCopyVerdict.Of(vm, source, destination);
        }

        if (!source.IsKnown || !destination.IsKnown)
        {
            return (MigrationOutcome.Unknown, false, DescribeUnseen(vm, source, destination));
        }

        if (source.IsExecuting && destination.IsExecuting)
        {
            return (MigrationOutcome.Unknown, false,
                $"'{vm}' executes on BOTH hosts, '{from}' and '{to}'. Look at it at once: two instances on one disk destroy it.");
        }

        return (source.IsActive, destination.IsActive) switch
        {
            (true, true) => (MigrationOutcome.Unknown, true,
                $"'{vm}' is {source.Status} on '{from}' and {destination.Status} on '{to}': the migration is still under way."),
            (false, true) => ConcludeArrived(vm, source, destination),
            (true, false) => ConcludeStayed(vm, source, destination),
            (false, false) => wasActive == true ? ConcludeStopped(vm, source, destination) : ConcludeShutOff(vm, source, destination),
        };
    }

    private static (MigrationOutcome, bool, string) ConcludeArrived(string vm, VmInstance source, VmInstance destination)
    {
        var status = destination.Status!.Value;
        return status.IsPausedByMigration || status.IsPostCopy
            ? (MigrationOutcome.Unknown, true, $"'{vm}' is {status} on '{destination.VmHost.Name}' and not active on '{source.VmHost.Name}'.")
            : (MigrationOutcome.Completed, false,
                $"'{vm}' is {status} on '{destination.VmHost.Name}' and only there.{DescribeDefinitions(source, destination)}");
    }

    private static (MigrationOutcome, bool, string) ConcludeStayed(string vm, VmInstance source, VmInstance destination)
    {
        var status = source.Status!.Value;
        return status.IsPausedByMigration
            ? (MigrationOutcome.Unknown, true, $"'{vm}' is {status} on '{source.VmHost.Name}' and not active on '{destination.VmHost.Name}'.")
            : (MigrationOutcome.RolledBack, false, $"'{vm}' is {status} on '{source.VmHost.Name}'{DescribeStay(status)}, and only there.");
    }

    // A guest that hit an I/O error on the way has stayed, but not as it was.
    private static string DescribeStay(VmStatus status) => status.IsIoError ? string.Empty : ", as before the migration";

    // A VM that ran and runs nowhere now has moved only if its source says so; otherwise it was lost on the way.
    private static (MigrationOutcome, bool, string) ConcludeStopped(string vm, VmInstance source, VmInstance destination) =>
        source.Status is { IsMigratedAway: true } && destination.Status is { } status
            ? (MigrationOutcome.Completed, false,
                $"'{vm}' moved to '{destination.VmHost.Name}' and is {status} there since.{DescribeDefinitions(source, destination)}")
            : (MigrationOutcome.Unknown, false,
                $"'{vm}' ran when its migration began and now runs on NEITHER host. '{source.VmHost.Name}' (source): {source}. " +
                $"'{destination.VmHost.Name}' (destination): {destination}.");

    private static (MigrationOutcome, bool, string) ConcludeShutOff(string vm, VmInstance source, VmInstance destination) =>
        (source.Status, destination.Status) switch
        {
            (_, { } status) => (MigrationOutcome.Completed, false,
                $"'{vm}' is {status} on '{destination.VmHost.Name}'.{DescribeDefinitions(source, destination)}"),
            ({ } status, null) => (MigrationOutcome.RolledBack, false, $"'{vm}' is {status} on '{source.VmHost.Name}', and only there."),
            (null, null) => (MigrationOutcome.Unknown, false,
                $"Neither '{source.VmHost.Name}' nor '{destination.VmHost.Name}' knows '{vm}'."),
        };

    private static string DescribeDefinitions(VmInstance source, VmInstance destination) => (source.IsPersistent, destination.IsPersistent) switch
    {
        (true, true) => $" It is defined on both hosts; '{source.VmHost.Name}' could start a second instance.",
        (true, false) => $" It is defined on '{source.VmHost.Name}' only; on '{destination.VmHost.Name}' it vanishes when it is shut off.",
        (false, false) => " It is defined on neither host and vanishes when it is shut off.",
        (false, true) => string.Empty,
    };

    private static string DescribeUnseen(string vm, VmInstance source, VmInstance destination) =>
        $"What became of '{vm}' can't be told. '{source.VmHost.Name}' (source): {source}. " +
        $"'{destination.VmHost.Name}' (destination): {destination}. Start it nowhere before both hosts have been seen.";
}
