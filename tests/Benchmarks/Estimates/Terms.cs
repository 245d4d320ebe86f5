namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>What both the module and its peer go by.</summary>
/// <param name="Memory">The memory that has to cross at least once, in bytes.</param>
/// <param name="Bandwidth">The rate at which it crosses, in bytes per second.</param>
/// <param name="MaxDowntime">The longest downtime that is allowed.</param>
internal sealed record Terms(long Memory, long Bandwidth, TimeSpan MaxDowntime)
{
    /// <summary>The time that all memory takes once.</summary>
    public TimeSpan OnePass => TimeSpan.FromSeconds((double)Memory / Bandwidth);

    /// <summary>The properties of an estimate that tell them.</summary>
    public static IReadOnlyList<string> Properties { get; } = ["ResidentMemory", "Bandwidth", "MaxDowntime"];

    /// <summary>Reads the terms of an estimate.</summary>
    /// <param name="estimate">What Get-VmMigrationEstimate gave.</param>
    /// <returns>The terms.</returns>
    public static Terms Read(ReadObject estimate) =>
        new(estimate.Number("ResidentMemory")!.Value, estimate.Number("Bandwidth")!.Value, estimate.Duration("MaxDowntime")!.Value);
}
