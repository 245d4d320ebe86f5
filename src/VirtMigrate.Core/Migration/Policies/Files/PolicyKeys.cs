namespace VirtMigrate.Migration.Policies;

/// <summary>The keys of a policy file.</summary>
internal static class PolicyKeys
{
    public const string Name = nameof(MigrationPolicy.Name);
    public const string Description = nameof(MigrationPolicy.Description);
    public const string Options = nameof(MigrationPolicy.Options);
    public const string ThrottleLimit = nameof(MigrationPolicy.ThrottleLimit);
    public const string InitialMaxDowntime = nameof(MigrationPolicy.InitialMaxDowntime);
    public const string Steps = nameof(MigrationPolicy.Steps);
    public const string StallDetection = nameof(MigrationPolicy.StallDetection);
    public const string Timeout = nameof(MigrationPolicy.Timeout);
    public const string OnTimeout = nameof(MigrationPolicy.OnTimeout);
    public const string AfterIterations = nameof(MigrationPolicyStep.AfterIterations);
    public const string Action = nameof(MigrationPolicyStep.Action);
    public const string MaxDowntime = nameof(MigrationPolicyStep.MaxDowntime);

    /// <summary>The keys of a policy.</summary>
    public static readonly IReadOnlyList<string> OfPolicy =
        [Name, Description, Options, ThrottleLimit, InitialMaxDowntime, Timeout, OnTimeout, Steps, StallDetection];

    /// <summary>The keys of a step.</summary>
    public static readonly IReadOnlyList<string> OfStep = [AfterIterations, Action, MaxDowntime];

    /// <summary>The keys of the stall detection.</summary>
    public static readonly IReadOnlyList<string> OfStallDetection =
    [
        nameof(MigrationStallDetection.Window), nameof(MigrationStallDetection.Threshold), nameof(MigrationStallDetection.MinimumTolerance),
        nameof(MigrationStallDetection.PatienceDecay), nameof(MigrationStallDetection.MaxDowntime),
        nameof(MigrationStallDetection.DowntimeFactor), nameof(MigrationStallDetection.RateSmoothing),
        nameof(MigrationStallDetection.SwitchoverDeadline), nameof(MigrationStallDetection.AllowPostCopy),
        nameof(MigrationStallDetection.AllowSuspend),
    ];
}
