using System.Management.Automation;
using VirtMigrate.LabSupport;

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

    /// <summary>The most likely standstill.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>The longest standstill.</summary>
    public TimeSpan? LongestDowntime { get; init; }

    /// <summary>Reads the module's forecast.</summary>
    /// <param name="estimate">What Get-VmMigrationEstimate gave.</param>
    /// <returns>The forecast.</returns>
    public static Forecast Read(PSObject estimate) => new()
    {
        Verdict = Enum.Parse<Verdict>(estimate.Text("Verdict")),
        Duration = (TimeSpan?)estimate.Get("Forecast.Duration"),
        ShortestDuration = (TimeSpan?)estimate.Get("Forecast.ShortestDuration"),
        LongestDuration = (TimeSpan?)estimate.Get("Forecast.LongestDuration"),
        Transferred = (long?)estimate.Get("Forecast.Transferred"),
        MostTransferred = (long?)estimate.Get("Forecast.MostTransferred"),
        Downtime = (TimeSpan?)estimate.Get("Forecast.Downtime"),
        LongestDowntime = (TimeSpan?)estimate.Get("Forecast.LongestDowntime"),
    };
}
