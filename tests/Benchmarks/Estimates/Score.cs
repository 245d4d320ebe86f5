using VirtMigrate.Benchmarks.Measurement;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>How forecasts compare with what happened.</summary>
/// <param name="results">The migrations.</param>
/// <param name="read">Gives the forecast of one of them.</param>
/// <param name="time">Gives the duration that the forecast speaks of.</param>
internal sealed class Score(IReadOnlyList<CellResult> results, Func<CellResult, Forecast> read, Func<ActualMigration, TimeSpan> time)
{
    private const double Close = 0.25;

    /// <summary>The migrations that ended; the errors are theirs.</summary>
    public IReadOnlyList<CellResult> Ended { get; } = [.. results.Where(r => r.Actual.Ended)];

    /// <summary>The errors of the duration, as shares of the actual one; infinite where none was forecast.</summary>
    public Series DurationErrors => new([.. Ended.Select(DurationError)]);

    /// <summary>The errors of the bytes that crossed.</summary>
    public Series TransferredErrors => new([.. Ended.Select(r => Error(read(r).Transferred, r.Actual.Transferred))]);

    /// <summary>The errors of the guest's downtime.</summary>
    public Series DowntimeErrors => new([.. Ended.Select(r => Error(read(r).Downtime?.TotalSeconds, r.Actual.Downtime.TotalSeconds))]);

    /// <summary>How many migrations that were said to end did not.</summary>
    public int FalseConverges => Count(Verdict.Converges, ended: false);

    /// <summary>Those far from the border of which nothing certain was said.</summary>
    public IReadOnlyList<CellResult> Doubted { get; } = [.. results.Where(r => r.IsFar && read(r).Verdict == Verdict.Uncertain)];

    /// <summary>Their share of all that are far from the border.</summary>
    public double UncertainFar => (double)Doubted.Count / Math.Max(1, results.Count(r => r.IsFar));

    /// <summary>The migrations with a wrong verdict or a duration that is off by more than a quarter.</summary>
    public IReadOnlyList<CellResult> Missed => [.. results.Where(r => IsWrong(r) || (r.Actual.Ended && DurationError(r) > Close))];

    /// <summary>Counts migrations.</summary>
    /// <param name="verdict">What was said about them.</param>
    /// <param name="ended">Whether they ended.</param>
    /// <returns>How many there are.</returns>
    public int Count(Verdict verdict, bool ended) => results.Count(r => read(r).Verdict == verdict && r.Actual.Ended == ended);

    /// <summary>The error of the duration.</summary>
    /// <param name="result">A migration that ended.</param>
    /// <returns>The error as a share of the actual duration; infinite where none was forecast.</returns>
    public double DurationError(CellResult result) => Error(read(result).Duration?.TotalSeconds, time(result.Actual).TotalSeconds);

    /// <summary>Whether the verdict was wrong.</summary>
    /// <param name="result">A migration.</param>
    /// <returns>True when it was certain and wrong.</returns>
    public bool IsWrong(CellResult result) => read(result).Verdict switch
    {
        Verdict.Converges => !result.Actual.Ended,
        Verdict.WillNotConverge => result.Actual.Ended,
        _ => false,
    };

    private static double Error(double? forecast, double actual) =>
        forecast is { } value ? Math.Abs(value - actual) / actual : double.PositiveInfinity;
}
