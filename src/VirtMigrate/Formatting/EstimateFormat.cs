namespace VirtMigrate.Formatting;

/// <summary>Puts estimates into few words, for the format file.</summary>
public static class EstimateFormat
{
    private const string Endless = "no end";

    /// <summary>The duration with its range: <c>12.5 s (11.0 s to 16.1 s)</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    /// <returns>The text.</returns>
    public static string Duration(MigrationForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        return forecast.Verdict == MigrationConvergence.WillNotConverge
            ? Endless
            : $"{Or(HumanFormat.Duration(forecast.Duration))} ({HumanFormat.Duration(forecast.ShortestDuration)} to {Or(HumanFormat.Duration(forecast.LongestDuration))})";
    }

    /// <summary>What crosses, and at most: <c>1.3 GB (at most 1.6 GB)</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    /// <returns>The text; empty where it would not end.</returns>
    public static string Transferred(MigrationForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        return (HumanFormat.Size(forecast.Transferred), HumanFormat.Size(forecast.MostTransferred)) switch
        {
            ({ Length: > 0 } likely, { Length: > 0 } most) => $"{likely} (at most {most})",
            var (likely, _) => likely,
        };
    }

    /// <summary>The bandwidth and where it is known from: <c>110 MB/s, achieved by 3 migrations from kvm1 to kvm2</c>.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <returns>The text.</returns>
    public static string Bandwidth(VmMigrationEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        return HumanFormat.Rate(estimate.Bandwidth) + estimate.BandwidthSource switch
        {
            BandwidthSource.Achieved => $", achieved by {estimate.BandwidthEvidence}",
            BandwidthSource.LinkSpeed => $", the speed of the link ({estimate.BandwidthEvidence})",
            _ => ", given",
        };
    }

    /// <summary>What is recommended, why, and how it goes then.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <returns>One line each.</returns>
    public static string Recommendation(VmMigrationEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        var recommended = estimate.Recommendation;
        return recommended.Added.Length == 0
            ? $"{recommended}: {recommended.Reason}"
            : $"{recommended}\n{recommended.Reason}\nthen {recommended.Forecast.Verdict}, {Duration(recommended.Forecast)}, downtime {HumanFormat.Duration(recommended.Forecast.Downtime)}";
    }

    /// <summary>The throttle in percent: <c>60 %</c>.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <returns>The text.</returns>
    public static string Throttle(VmMigrationEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        return estimate.AutoConvergeThrottle is { } percent ? FormattableString.Invariant($"{percent} %") : "99 % is not enough";
    }

    private static string Or(string text) => text.Length > 0 ? text : Endless;
}
