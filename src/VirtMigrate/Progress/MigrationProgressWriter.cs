using System.Management.Automation;
using VirtMigrate.Formatting;
using VirtMigrate.Migration;
using VirtMigrate.Planning;

namespace VirtMigrate.Progress;

/// <summary>Writes one VM's migration as PowerShell's progress, and takes the bar away when it has ended.</summary>
/// <param name="activity">What the bar is about.</param>
/// <param name="parent">The bar that this one belongs under; null for none.</param>
/// <param name="write">Takes the records; called from any thread.</param>
internal sealed class MigrationProgressWriter(string activity, BatchProgressWriter? parent, Action<ProgressRecord> write)
    : IProgress<MigrationProgress>, IDisposable
{
    private readonly int _id = ProgressActivity.NextId();
    private bool _isShown;

    /// <summary>Says what the bar of a migration is about.</summary>
    /// <param name="request">The migration.</param>
    /// <returns>The text.</returns>
    public static string Describe(MigrationRequest request) =>
        Describe(request.Vm.Name, request.Vm.VmHost.Name, request.Destination.Name);

    /// <summary>Says what the bar of a migration that was found is about.</summary>
    /// <param name="job">The migration.</param>
    /// <returns>The text.</returns>
    public static string Describe(VmMigrationJobInfo job) => Describe(job.Vm, job.Source?.Name, job.Destination?.Name);

    /// <summary>Says what the bar of a migration that is resumed is about.</summary>
    /// <param name="request">The migration.</param>
    /// <returns>The text.</returns>
    public static string Describe(PostCopyResumeRequest request) =>
        Describe(request.Vm, request.Source.Host?.Name, request.Destination.Name);

    /// <inheritdoc/>
    public void Report(MigrationProgress value)
    {
        // A VM that is queued is counted in the parent's bar; hundreds of idle bars would hide those that move.
        if (value.Phase is MigrationPhase.Queued or MigrationPhase.Ended)
        {
            return;
        }

        if (!_isShown)
        {
            _isShown = true;
            parent?.Begin();
        }

        write(new ProgressRecord(_id, activity, Describe(value))
        {
            ParentActivityId = parent?.Id ?? -1,
            PercentComplete = value.PercentComplete,
            SecondsRemaining = value.TimeLeft is { } left ? (int)Math.Min(left.TotalSeconds, int.MaxValue) : -1,
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isShown)
        {
            write(new ProgressRecord(_id, activity, "Ended")
            {
                ParentActivityId = parent?.Id ?? -1,
                RecordType = ProgressRecordType.Completed,
            });
        }

        parent?.End(_isShown);
    }

    private static string Describe(string vm, string? source, string? destination) => string.Concat($"Migrating '{vm}'",
        source is null ? string.Empty : $" from {source}", destination is null ? string.Empty : $" to {destination}");

    private static string Describe(MigrationProgress value) => value switch
    {
        { Phase: MigrationPhase.Checking } => "checking both hosts",
        { Phase: MigrationPhase.Aborting } => "aborting; the VM stays on the source",
        { Phase: MigrationPhase.Verifying } => "verifying on both hosts",
        { Remaining: { } remaining } => string.Concat(
            value.Phase == MigrationPhase.PostCopy ? "post-copy: " : string.Empty,
            "remaining ", HumanFormat.Size(remaining),
            value.Rate is { } rate ? " at " + HumanFormat.Rate(rate) : string.Empty,
            value.Iteration is > 0 and { } iteration ? FormattableString.Invariant($", iteration {iteration}") : string.Empty,
            value.IsEndless ? ", does not converge" : string.Empty,
            value is { Iteration: > 1, ImpliedDowntime: { } downtime } ? ", switchover now would take " + HumanFormat.Duration(downtime) : string.Empty),
        _ => "preparing the destination",
    };
}

/// <summary>Writes how many of several migrations are done, under way and queued.</summary>
/// <param name="count">How many there are.</param>
/// <param name="write">Takes the records; called from any thread.</param>
internal sealed class BatchProgressWriter(int count, Action<ProgressRecord> write)
{
    private readonly object _lock = new();
    private int _begun;
    private int _done;
    private int _running;

    /// <summary>The number of the bar.</summary>
    public int Id { get; } = ProgressActivity.NextId();

    /// <summary>One migration begins.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            _begun++;
            _running++;
            Write();
        }
    }

    /// <summary>One migration has ended.</summary>
    /// <param name="hadBegun">Whether it had begun before.</param>
    public void End(bool hadBegun)
    {
        lock (_lock)
        {
            _done++;
            _running -= hadBegun ? 1 : 0;
            _begun += hadBegun ? 0 : 1;
            Write();
        }
    }

    private void Write() => write(new ProgressRecord(
        Id, FormattableString.Invariant($"Migrating {count} VMs"), FormattableString.Invariant($"{_done} done, {_running} under way, {count - _begun} queued"))
    {
        PercentComplete = (int)(100L * _done / count),
        RecordType = _done == count ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });
}

/// <summary>Tells of the decisions over a migration as they are taken: all as verbose messages, those to change something as information records.</summary>
/// <param name="inner">Takes the progress itself.</param>
/// <param name="writeVerbose">Takes verbose messages; called from any thread.</param>
/// <param name="writeInformation">Takes information records; called from any thread.</param>
internal sealed class DecisionWriter(
    IProgress<MigrationProgress> inner, Action<string> writeVerbose, Action<InformationRecord> writeInformation) : IProgress<MigrationProgress>
{
    private const string Tag = "VirtMigrate";

    /// <inheritdoc/>
    public void Report(MigrationProgress value)
    {
        if (value.Decision is not { } decision)
        {
            inner.Report(value);
            return;
        }

        var text = $"{value.Vm}: {decision}";
        writeVerbose(text);

        // Also what was refused or left out: whoever counted on it should hear of it.
        if (decision.Action is not (MigrationAction.Continue or MigrationAction.SetOption))
        {
            var record = new InformationRecord(text, Tag);
            record.Tags.Add(Tag);
            writeInformation(record);
        }
    }
}

/// <summary>Numbers of progress bars. Two commands that run side by side must not write into one bar.</summary>
internal static class ProgressActivity
{
    private static int _last = 7000;

    /// <summary>A number that no other bar of this process has.</summary>
    /// <returns>The number.</returns>
    public static int NextId() => Interlocked.Increment(ref _last);
}
