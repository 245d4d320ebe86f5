using System.Globalization;

namespace VirtMigrate.Model;

/// <summary>
/// What libvirt accounted for at one moment of a migration. A result has one for the begin of each pass over the guest's
/// memory, and a last one for its end.
/// </summary>
public sealed record MigrationSample
{
    private const double MiB = 1024 * 1024;

    /// <summary>Time since the migration began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The pass over the guest's memory, from 1; null before the first.</summary>
    public long? Iteration { get; init; }

    /// <summary>Bytes still to be moved: at the begin of a pass, what the guest wrote during the one before.</summary>
    public long Remaining { get; init; }

    /// <summary>Bytes moved so far.</summary>
    public long Transferred { get; init; }

    /// <summary>The rate of the move in bytes per second; null before anything has moved.</summary>
    public long? Rate { get; init; }

    /// <summary>The standstill that sending at once what remained at the begin of the pass would have taken; null where it can't be told.</summary>
    public TimeSpan? ImpliedDowntime { get; init; }

    /// <summary>Pages that the guest wrote during the last pass, per second; null where libvirt does not say.</summary>
    public long? DirtyPagesPerSecond { get; init; }

    /// <summary>The share of its processor time that auto-converge keeps from the guest, in percent; null where it does not run.</summary>
    public int? Throttle { get; init; }

    /// <summary>Pages that the destination asked for in post-copy.</summary>
    public long? PostCopyRequests { get; init; }

    /// <summary>Takes a sample from an account.</summary>
    /// <param name="statistics">The account.</param>
    /// <param name="elapsed">Time since the migration began.</param>
    /// <param name="rate">The rate of the move in bytes per second.</param>
    /// <returns>The sample.</returns>
    public static MigrationSample Of(JobStatistics statistics, TimeSpan elapsed, long? rate)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return new()
        {
            Elapsed = elapsed,
            Iteration = statistics.Iteration,
            Remaining = statistics.DataRemaining,
            Transferred = statistics.DataProcessed,
            Rate = rate,
            DirtyPagesPerSecond = statistics.DirtyPagesPerSecond,
            Throttle = statistics.AutoConvergeThrottle is > 0 and { } throttle ? throttle : null,
            PostCopyRequests = statistics.PostCopyRequests is > 0 and { } requests ? requests : null,
        };
    }

    /// <summary>The sample in one line: <c>4.1 s, iteration 2: 71.5 MB remaining</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Elapsed.TotalSeconds:0.0} s, iteration {Iteration ?? 0}: {Remaining / MiB:0.0} MB remaining");
}
