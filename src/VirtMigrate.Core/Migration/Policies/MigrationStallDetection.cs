namespace VirtMigrate.Migration.Policies;

/// <summary>
/// How a migration that gets nowhere is told from one that goes to and fro, and what is done then: wait for a local minimum of the
/// remaining data, and take there the cheapest step that fits the limits. The defaults are those of KubeVirt's stall detector.
/// </summary>
public sealed record MigrationStallDetection
{
    /// <summary>A migration stalls when its remaining data shows no new minimum for this long.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>By how much the remaining data must fall below its old minimum to count as progress, as a share (0.04: 4 %).</summary>
    public double Threshold { get; init; } = 0.04;

    /// <summary>How far above the best seen the remaining data may be to count as a local minimum, as a share.</summary>
    public double MinimumTolerance { get; init; } = 0.04;

    /// <summary>
    /// The best seen is forgotten for the next best after one window, then after this share of the time before, and so on, so that
    /// a minimum that does not come again is not waited for.
    /// </summary>
    public double PatienceDecay { get; init; } = 0.5;

    /// <summary>The longest standstill that may be allowed; -MaxDowntime goes before it.</summary>
    public TimeSpan MaxDowntime { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>Up to this many times <see cref="MaxDowntime"/> the remaining data is taken for movable with that limit.</summary>
    public double DowntimeFactor { get; init; } = 1.5;

    /// <summary>The weight of the newest rate in the smoothed one (an exponentially weighted moving average), 0 to 1.</summary>
    public double RateSmoothing { get; init; } = 0.4;

    /// <summary>The time in which the switch-over must follow a raised limit or a suspended guest; then the next step is taken.</summary>
    public TimeSpan SwitchoverDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether it may switch to post-copy, where the migration was started with the option PostCopy.</summary>
    public bool AllowPostCopy { get; init; }

    /// <summary>Whether it may suspend the guest until all memory has moved.</summary>
    public bool AllowSuspend { get; init; }
}
