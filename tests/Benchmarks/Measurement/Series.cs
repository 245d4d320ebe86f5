namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>The figures of one contestant, in the order of the rounds.</summary>
/// <param name="Values">The figures.</param>
internal sealed record Series(IReadOnlyList<double> Values)
{
    /// <summary>The middle one.</summary>
    public double Median => MedianOf(Values);

    /// <summary>The least.</summary>
    public double Minimum => Values.Min();

    /// <summary>The greatest.</summary>
    public double Maximum => Values.Max();

    /// <summary>Makes a series of times.</summary>
    /// <param name="times">The times.</param>
    /// <returns>The series, in seconds.</returns>
    public static Series Of(IEnumerable<TimeSpan> times) => new([.. times.Select(t => t.TotalSeconds)]);

    /// <summary>Makes a series of one figure that needs no repeating.</summary>
    /// <param name="value">The figure.</param>
    /// <returns>The series.</returns>
    public static Series Of(double value) => new([value]);

    /// <summary>Compares with another series of the same rounds, round by round, so that a disturbance hits both sides.</summary>
    /// <param name="other">The other series.</param>
    /// <returns>The median of the ratios.</returns>
    public double RatioTo(Series other) => MedianOf([.. Values.Zip(other.Values, (mine, theirs) => mine == theirs ? 1 : mine / theirs)]);

    /// <summary>The figure that a share of all does not exceed.</summary>
    /// <param name="share">The share, 0.9 for nine in ten.</param>
    /// <returns>One of the figures.</returns>
    public double Percentile(double share) => Values.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(share * Values.Count) - 1));

    private static double MedianOf(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
