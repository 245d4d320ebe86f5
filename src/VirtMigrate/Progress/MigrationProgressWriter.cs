using System.Management.Automation;
using VirtMigrate.Formatting;

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

    /// <inheritdoc/>
    public void Report(MigrationProgress value)
    {
        // A VM that waits for its turn is counted in the parent's bar; hundreds of idle bars would hide those that move.
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

    private static string Describe(MigrationProgress value) => value switch
    {
        { Phase: MigrationPhase.Checking } => "asking both hosts",
        { Phase: MigrationPhase.Aborting } => "aborting; the source takes the VM back",
        { Phase: MigrationPhase.Verifying } => "verifying on both hosts",
        { Remaining: { } remaining } => string.Concat(
            value.Phase == MigrationPhase.PostCopy ? "post-copy: " : string.Empty,
            "remaining ", HumanFormat.Size(remaining),
            value.Rate is { } rate ? " at " + HumanFormat.Rate(rate) : string.Empty,
            value.Iteration is > 0 and { } pass ? $", pass {pass}" : string.Empty,
            value.IsEndless ? ", does not converge" : string.Empty,
            value is { Iteration: > 1, ImpliedDowntime: { } downtime } ? ", downtime now " + HumanFormat.Duration(downtime) : string.Empty),
        _ => "preparing the destination",
    };
}
