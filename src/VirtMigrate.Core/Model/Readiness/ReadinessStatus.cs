namespace VirtMigrate.Model;

/// <summary>What came of a check.</summary>
public enum ReadinessStatus
{
    /// <summary>It was looked at, and nothing stands in the way.</summary>
    Passed,

    /// <summary>The migration can go well, but something deserves attention.</summary>
    Warning,

    /// <summary>The migration would fail.</summary>
    Failed,

    /// <summary>It could not be looked at from here. That is no pass.</summary>
    NotVerified,

    /// <summary>The VM has nothing that the check is about.</summary>
    NotApplicable,
}
