namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>What was said about a migration before it began; null for what was left open.</summary>
internal sealed record Forecast
{
    /// <summary>Whether it ends.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The most likely duration.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The shortest duration.</summary>
    public TimeSpan? ShortestDuration { get; init; }

    /// <summary>The longest duration.</summary>
    public TimeSpan? LongestDuration { get; init; }

    /// <summary>The most likely number of bytes that cross.</summary>
    public long? Transferred { get; init; }

    /// <summary>The most bytes that cross.</summary>
    public long? MostTransferred { get; init; }

    /// <summary>The most likely downtime.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>The longest downtime.</summary>
    public TimeSpan? LongestDowntime { get; init; }

    /// <summary>The properties of an estimate that tell it.</summary>
    public static IReadOnlyList<string> Properties { get; } =
    [
        "Verdict", "Forecast.Duration", "Forecast.ShortestDuration", "Forecast.LongestDuration",
        "Forecast.Transferred", "Forecast.MostTransferred", "Forecast.Downtime", "Forecast.LongestDowntime",
    ];

    /// <summary>Reads the module's forecast.</summary>
    /// <param name="estimate">What Get-VmMigrationEstimate gave.</param>
    /// <returns>The forecast.</returns>
    public static Forecast Read(ReadObject estimate) => new()
    {
        Verdict = Enum.Parse<Verdict>(estimate.Text("Verdict")),
        Duration = estimate.Duration("Forecast.Duration"),
        ShortestDuration = estimate.Duration("Forecast.ShortestDuration"),
        LongestDuration = estimate.Duration("Forecast.LongestDuration"),
        Transferred = estimate.Number("Forecast.Transferred"),
        MostTransferred = estimate.Number("Forecast.MostTransferred"),
        Downtime = estimate.Duration("Forecast.Downtime"),
        LongestDowntime = estimate.Duration("Forecast.LongestDowntime"),
    };
}
