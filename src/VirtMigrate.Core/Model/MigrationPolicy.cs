using System.Collections.Specialized;
using System.Globalization;

namespace VirtMigrate;

/// <summary>
/// What is done about a guest that writes its memory faster than it moves. Data only: the built-in policies are instances, and a
/// .psd1 file holds all of it.
/// </summary>
/// <remarks>
/// Libvirt has no call that throttles a guest further while it moves. A policy that wants throttling switches auto-converge on
/// (option AutoConverge, with AutoConvergeInitial and AutoConvergeIncrement for more of it), and QEMU raises it by itself.
/// </remarks>
public sealed record MigrationPolicy
{
    private readonly MigrationPolicyStep[] _steps = [];

    /// <summary>Its name, by which it is called and reported.</summary>
    public required string Name { get; init; }

    /// <summary>What it is good for, in a sentence.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Options that it switches on, by the names of Start-VmMigration's parameters, where the user decided nothing.</summary>
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>How many VMs move at once under it; null leaves that to the command.</summary>
    public int? ThrottleLimit { get; init; }

    /// <summary>The downtime that is allowed at first; null leaves QEMU's own limit (300 ms).</summary>
    public TimeSpan? InitialMaxDowntime { get; init; }

    /// <summary>What is done after how many iterations, in order.</summary>
    public IReadOnlyList<MigrationPolicyStep> Steps
    {
        get => _steps;

        // An array, which scripts can index from its end.
        init => _steps = value.ToArray();
    }

    /// <summary>How a stalled migration is told and ended; null where the steps alone decide.</summary>
    public MigrationStallDetection? StallDetection { get; init; }

    /// <summary>The time after which <see cref="OnTimeout"/> is done; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What is done when the time is up.</summary>
    public TimeoutAction OnTimeout { get; init; }

    private (string, string, int?, TimeSpan?, MigrationStallDetection?, TimeSpan?, TimeoutAction) Values =>
        (Name, Description, ThrottleLimit, InitialMaxDowntime, StallDetection, Timeout, OnTimeout);

    /// <summary>Whether a policy may change the guest's longest downtime.</summary>
    internal bool SetsMaxDowntime =>
        InitialMaxDowntime is not null || StallDetection is not null || Steps.Any(s => s.Action == MigrationAction.SetMaxDowntime);

    /// <summary>Whether two policies say the same.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>True when all that they say is the same.</returns>
    public bool Equals(MigrationPolicy? other) =>
        other is not null && Values == other.Values && Steps.SequenceEqual(other.Steps) && MigrationOptionValues.AreSame(Options, other.Options);

    /// <inheritdoc/>
    public override int GetHashCode() => Values.GetHashCode();

    /// <summary>The policy's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>
/// One step of a schedule. Its steps are taken in order, at most one at the start of each iteration over the guest's memory.
/// </summary>
public sealed record MigrationPolicyStep
{
    /// <summary>
    /// The step is taken when more iterations than this have ended without the switchover (oVirt's stalling limit); null for the
    /// iteration that follows the step before.
    /// </summary>
    public int? AfterIterations { get; init; }

    /// <summary>What is done: SetMaxDowntime, PostCopy, Suspend or Abort.</summary>
    public required MigrationAction Action { get; init; }

    /// <summary>The downtime that SetMaxDowntime allows.</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The step in words: <c>more than 3 iterations: 300 ms</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Condition}: {Effect}";

    /// <summary>When it is taken, in words.</summary>
    internal string Condition => AfterIterations is { } limit
        ? $"more than {Units.Count(limit, "iteration", "iterations")}"
        : "the next iteration";

    /// <summary>What it does, in words.</summary>
    internal string Effect => Action switch
    {
        MigrationAction.SetMaxDowntime => PolicyWording.Milliseconds(MaxDowntime ?? TimeSpan.Zero),
        MigrationAction.PostCopy => "post-copy",
        MigrationAction.Suspend => "suspend",
        _ => "abort",
    };
}

/// <summary>
/// How a migration that makes no progress is told from one whose remaining data fluctuates, and what is done then: wait for a local minimum of the
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
    public double WindowDecay { get; init; } = 0.5;

    /// <summary>The longest downtime that may be allowed; -MaxDowntime goes before it.</summary>
    public TimeSpan MaxDowntime { get; init; } = TimeSpan.FromMilliseconds(900);

    /// <summary>Up to this many times <see cref="MaxDowntime"/> the remaining data is taken for movable with that limit.</summary>
    public double DowntimeFactor { get; init; } = 1.5;

    /// <summary>The weight of the newest rate in the smoothed one (an exponentially weighted moving average), 0 to 1.</summary>
    public double RateSmoothing { get; init; } = 0.4;

    /// <summary>The time in which the switchover must follow a raised limit or a suspended guest; then the next step is taken.</summary>
    public TimeSpan SwitchoverDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether it may switch to post-copy, where the migration was started with the option PostCopy.</summary>
    public bool AllowPostCopy { get; init; }

    /// <summary>Whether it may suspend the guest until all memory has moved.</summary>
    public bool AllowSuspend { get; init; }
}

/// <summary>
/// The built-in policies. The first four follow the schedules that oVirt ships (its engine's migration policies), the last the
/// stall detector of KubeVirt.
/// </summary>
public static class MigrationPolicies
{
    /// <summary>A short downtime or none: the limit rises to 500 ms, then the migration is aborted.</summary>
    public static MigrationPolicy MinimalDowntime { get; } = new()
    {
        Name = "MinimalDowntime",
        Description = "Short downtimes only; aborts otherwise.",
        Options = Options(("AutoConverge", true)),
        ThrottleLimit = 2,
        InitialMaxDowntime = TimeSpan.FromMilliseconds(100),
        Steps = [Downtime(1, 150), Downtime(2, 200), Downtime(3, 300), Downtime(4, 400), Downtime(6, 500), Last(MigrationAction.Abort)],
    };

    /// <summary>As MinimalDowntime, but with a downtime of up to 5 s before the migration is aborted.</summary>
    public static MigrationPolicy SuspendIfNeeded { get; } = MinimalDowntime with
    {
        Name = "SuspendIfNeeded",
        Description = "Tries downtimes of up to 5 s, then aborts.",
        Options = Options(("AutoConverge", true), ("Compression", new[] { "xbzrle" })),
        ThrottleLimit = 1,
        Steps = [.. MinimalDowntime.Steps.SkipLast(1), Downtime(null, 5000), Last(MigrationAction.Abort)],
    };

    /// <summary>Two short tries, then post-copy, which always comes to an end.</summary>
    public static MigrationPolicy PostCopy { get; } = new()
    {
        Name = "PostCopy",
        Description = "Switches to post-copy after a few iterations.",
        Options = Options(("PostCopy", true), ("AutoConverge", true)),
        ThrottleLimit = 2,
        InitialMaxDowntime = TimeSpan.FromMilliseconds(100),
        Steps = [Downtime(1, 150), Downtime(2, 200), Last(MigrationAction.PostCopy), Last(MigrationAction.Abort)],
    };

    /// <summary>For VMs whose memory takes long to move: longer downtimes, and no copies of memory in the host's kernel.</summary>
    public static MigrationPolicy VeryLarge { get; } = new()
    {
        Name = "VeryLarge",
        Description = "Longer downtimes, for very large VMs.",
        Options = Options(("AutoConverge", true), ("ZeroCopy", true)),
        ThrottleLimit = 1,
        InitialMaxDowntime = TimeSpan.FromMilliseconds(300),
        Steps =
        [
            Downtime(1, 400), Downtime(2, 500), Downtime(3, 700), Downtime(4, 1000), Downtime(6, 1500), Downtime(null, 5000),
            Last(MigrationAction.Abort),
        ],
    };

    /// <summary>Lets a migration go on while it makes progress, and ends it at the best moment when it does not.</summary>
    public static MigrationPolicy StallDetect { get; } = new()
    {
        Name = "StallDetect",
        Description = "Acts when the remaining memory no longer shrinks.",
        InitialMaxDowntime = TimeSpan.FromMilliseconds(300),
        StallDetection = new() { AllowPostCopy = true },
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<MigrationPolicy> All { get; } = [MinimalDowntime, SuspendIfNeeded, PostCopy, VeryLarge, StallDetect];

    /// <summary>Finds a built-in policy.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The policy; null where none has that name.</returns>
    public static MigrationPolicy? Find(string name) =>
        All.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));

    private static System.Collections.Specialized.OrderedDictionary Options(params (string Name, object Value)[] options) =>
        MigrationOptionValues.Of(options.Select(o => KeyValuePair.Create(o.Name, o.Value)));

    private static MigrationPolicyStep Downtime(int? after, int milliseconds) => new()
    {
        AfterIterations = after,
        Action = MigrationAction.SetMaxDowntime,
        MaxDowntime = TimeSpan.FromMilliseconds(milliseconds),
    };

    private static MigrationPolicyStep Last(MigrationAction action) => new() { Action = action };
}

/// <summary>Writes the numbers of reasons, the same in every culture.</summary>
internal static class PolicyWording
{
    private const double MiB = 1024 * 1024;

    /// <summary>A duration: <c>1,870 ms</c>.</summary>
    public static string Milliseconds(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:N0} ms");

    /// <summary>A longer duration: <c>40 s</c>, <c>2.5 s</c>.</summary>
    public static string Seconds(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:#,0.#} s");

    /// <summary>A size in one unit, so that sizes can be compared: <c>71.5 MiB</c>.</summary>
    public static string Size(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:#,0.0} MiB");

    /// <summary>A factor or share: <c>1.5</c>.</summary>
    public static string Factor(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
