using System.Globalization;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>Writes forecasts and what happened, for people.</summary>
internal static class EstimateReport
{
    private const double MiB = 1024 * 1024;

    // Each column's width.
    private static readonly int[] Columns = [4, 7, 4, 4, 4, 6, 12, 5, 15, 25, 20, 22, 13];

    /// <summary>
    /// The heading of the rows. <c>MiB/s</c> is the bandwidth that both forecasts go by; <c>writes</c> is what the guest said that it
    /// wrote while it was measured, and while it migrated; <c>peer → job</c> has no time but that of libvirt's job.
    /// </summary>
    public static string Heading => Row(
        "cell", "pattern", "rate", "set", "link", "MiB/s", "writes", "ratio", "verdict",
        "duration → actual, s", "MiB (most) → actual", "downtime → actual, ms", "peer → job, s");

    /// <summary>One migration, in a row.</summary>
    /// <param name="result">The migration.</param>
    /// <returns>The row.</returns>
    public static string Row(CellResult result)
    {
        var (cell, forecast, actual) = (result.Cell, result.Estimate, result.Actual);
        return Row(
            Text(cell.Number, "0"), cell.Guest.Pattern, Text(cell.Guest.Rate, "0"), Text(cell.Guest.WorkingSet, "0"), Text(cell.Link, "0"),
            Text(result.Terms.Bandwidth / MiB, "0.0"), $"{Text(result.Written / MiB, "0.0")} → {Text(actual.Written / MiB, "0.0")}", Text(result.Ratio, "0.00"), $"{forecast.Verdict}",
            $"{Seconds(forecast.Duration)} ({Seconds(forecast.ShortestDuration)}–{Seconds(forecast.LongestDuration)}) → " +
            (actual.Ended ? Seconds(actual.Duration) : $"> {Seconds(actual.Duration)}"),
            $"{Text(forecast.Transferred / MiB, "0")} ({Text(forecast.MostTransferred / MiB, "0")}) → {Text(actual.Ended ? actual.Transferred / MiB : null, "0")}",
            $"{Milliseconds(forecast.Downtime)} ({Milliseconds(forecast.LongestDowntime)}) → {Milliseconds(actual.Ended ? actual.Downtime : null)}",
            $"{Seconds(result.Peer.Duration)} → {Seconds(actual.Ended ? actual.Job : null)}");
    }

    /// <summary>What was said against what happened.</summary>
    /// <param name="name">Who said it.</param>
    /// <param name="score">How it compares.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Verdicts(string name, Score score) =>
    [
        $"{name,-26} {"ended",6} {"did not",8}",
        .. Enum.GetValues<Verdict>().Select(v => $"  {v,-24} {score.Count(v, ended: true),6} {score.Count(v, ended: false),8}"),
    ];

    /// <summary>The migrations that the forecasts missed.</summary>
    /// <param name="name">Who made the forecasts.</param>
    /// <param name="score">How they compare.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Misses(string name, Score score)
    {
        var missed = score.Missed;
        return missed.Count == 0
            ? [$"{name} missed none."]
            : [$"{name} missed {missed.Count}:", .. missed.Select(r => $"  {Where(r)}: {Reason(score, r)}")];
    }

    /// <summary>The migrations that nothing certain was said of, although they are far from the border, and why.</summary>
    /// <param name="name">Who made the forecasts.</param>
    /// <param name="score">How they compare.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Doubts(string name, Score score) => score.Doubted.Count == 0 ? [] :
    [
        $"{name} was in doubt of {score.Doubted.Count} that are far from the border:",
        .. score.Doubted.Select(r => $"  {Where(r)}: {Doubt(r)}"),
    ];

    private static string Where(CellResult result) => $"cell {result.Cell.Number}, {result.Cell.Guest.Name} over {result.Cell.Link} Mbit/s";

    // With the same reading over a second, a guest that writes evenly within it ends, and one that writes all of it at once may not.
    private static string Doubt(CellResult result)
    {
        var (second, room) = (result.Cell.Guest.Distinct(result.Written), result.Terms.Bandwidth * result.Terms.MaxDowntime.TotalSeconds);
        var figures = $"it changes {Text(second / MiB, "0.0")} MiB in a second, and {Text(room / MiB, "0.0")} MiB cross in the longest downtime";
        return second > room && second * result.Terms.MaxDowntime.TotalSeconds < room
            ? $"{figures}; when within the second it does so decides, and libvirt measures whole seconds"
            : figures;
    }

    private static string Reason(Score score, CellResult result) => (score.IsWrong(result), result.Actual.Ended) switch
    {
        (true, true) => "it ended",
        (true, false) => "it did not end",
        _ when double.IsInfinity(score.DurationError(result)) => "no duration was given",
        _ => $"the duration is off by {Text(score.DurationError(result) * 100, "0")} %",
    };

    private static string Seconds(TimeSpan? time) => Text(time?.TotalSeconds, "0.0");

    private static string Milliseconds(TimeSpan? time) => Text(time?.TotalMilliseconds, "0");

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "–";

    private static string Row(params string[] cells) => string.Join("  ", cells.Zip(Columns, (cell, width) => cell.PadRight(width))).TrimEnd();
}
