namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>How a migration went.</summary>
/// <param name="Ended">Whether it ended by itself; else it was aborted after <see cref="Duration"/>.</param>
/// <param name="Duration">From the begin to the verified outcome, as a result has it.</param>
/// <param name="Job">The time of libvirt's job, without the checks before and the verification after it.</param>
/// <param name="Transferred">Bytes that crossed.</param>
/// <param name="Downtime">The guest's downtime.</param>
/// <param name="Written">What the guest itself said that it wrote meanwhile, in bytes per second.</param>
internal sealed record ActualMigration(bool Ended, TimeSpan Duration, TimeSpan Job, long Transferred, TimeSpan Downtime, double Written)
{
    /// <summary>The properties of a result that tell it.</summary>
    public static IReadOnlyList<string> Properties { get; } =
        ["Outcome", "ErrorId", "Error", "Duration", "Statistics.Elapsed", "SwitchoverDowntime", "Transferred"];

    /// <summary>Reads how a migration with a time limit went.</summary>
    /// <param name="result">What Start-VmMigration gave.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="written">What the guest wrote meanwhile, in bytes per second.</param>
    /// <returns>How it went.</returns>
    /// <exception cref="BenchmarkException">It neither ended nor ran into the limit.</exception>
    public static ActualMigration Read(ReadObject result, TimeSpan limit, double written) => (result.Text("Outcome"), result.Text("ErrorId")) switch
    {
        ("Completed", _) when result.Duration("Duration") is { } duration && result.Duration("Statistics.Elapsed") is { } job &&
            result.Duration("SwitchoverDowntime") is { } downtime && result.Number("Transferred") is { } transferred =>
            new(true, duration, job, transferred, downtime, written),
        ("RolledBack", "MigrationTimedOut") => new(false, limit, limit, 0, TimeSpan.Zero, written),
        var (outcome, _) => throw new BenchmarkException($"{outcome}: {result.Text("Error")}"),
    };
}
