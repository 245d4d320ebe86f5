namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>What was said about whether a migration ends.</summary>
internal enum Verdict
{
    /// <summary>It ends.</summary>
    Converges,

    /// <summary>It can't be told.</summary>
    Uncertain,

    /// <summary>It does not end.</summary>
    WillNotConverge,
}
