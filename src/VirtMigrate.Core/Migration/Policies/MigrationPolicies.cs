using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// The built-in policies. The first four follow the schedules that oVirt ships (its engine's migration policies), the last the
/// stall detector of KubeVirt.
/// </summary>
public static class MigrationPolicies
{
    /// <summary>A short standstill or none at all: the limit rises to 500 ms, then the migration is given up.</summary>
    public static MigrationPolicy MinimalDowntime { get; } = new()
    {
        Name = "MinimalDowntime",
        Description = "Short standstills only, else it is given up.",
        Options = Options(("AutoConverge", true)),
        ThrottleLimit = 2,
        InitialMaxDowntime = TimeSpan.FromMilliseconds(100),
        Steps = [Downtime(1, 150), Downtime(2, 200), Downtime(3, 300), Downtime(4, 400), Downtime(6, 500), Last(MigrationAction.Abort)],
    };

    /// <summary>As MinimalDowntime, but with a standstill of up to 5 s before the migration is given up.</summary>
    public static MigrationPolicy SuspendIfNeeded { get; } = MinimalDowntime with
    {
        Name = "SuspendIfNeeded",
        Description = "Up to 5 s are tried before it is given up.",
        Options = Options(("AutoConverge", true), ("Compression", new[] { "xbzrle" })),
        ThrottleLimit = 1,
        Steps = [.. MinimalDowntime.Steps.SkipLast(1), Downtime(null, 5000), Last(MigrationAction.Abort)],
    };

    /// <summary>Two short tries, then post-copy, which always comes to an end.</summary>
    public static MigrationPolicy PostCopy { get; } = new()
    {
        Name = "PostCopy",
        Description = "After a few passes it goes on in post-copy.",
        Options = Options(("PostCopy", true), ("AutoConverge", true)),
        ThrottleLimit = 2,
        InitialMaxDowntime = TimeSpan.FromMilliseconds(100),
        Steps = [Downtime(1, 150), Downtime(2, 200), Last(MigrationAction.PostCopy), Last(MigrationAction.Abort)],
    };

    /// <summary>For VMs whose memory takes long to move: longer standstills, and no copies of memory in the host's kernel.</summary>
    public static MigrationPolicy VeryLarge { get; } = new()
    {
        Name = "VeryLarge",
        Description = "Longer standstills, for very large VMs.",
        Options = Options(("AutoConverge", true), ("ZeroCopy", true)),
        ThrottleLimit = 1,
        InitialMaxDowntime = TimeSpan.FromMilliseconds(300),
        Steps =
        [
            Downtime(1, 400), Downtime(2, 500), Downtime(3, 700), Downtime(4, 1000), Downtime(6, 1500), Downtime(null, 5000),
            Last(MigrationAction.Abort),
        ],
    };

    /// <summary>Lets a migration go on while it gets anywhere, and ends it at the best moment when it does not.</summary>
    public static MigrationPolicy StallDetect { get; } = new()
    {
        Name = "StallDetect",
        Description = "Steps in when the rest gets no smaller.",
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
