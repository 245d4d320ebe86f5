using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>What a reading tells of the curve.</summary>
/// <param name="Seconds">Its period.</param>
/// <param name="Bytes">The distinct memory that it found changed.</param>
/// <param name="Weight">One by the variance of that.</param>
internal readonly record struct WeighedReading(double Seconds, double Bytes, double Weight)
{
    /// <summary>Weighs readings of one period and mode.</summary>
    /// <param name="same">The readings, at least one.</param>
    /// <param name="bursts">The variance that the guest's bursts give a single one, as a share of it squared.</param>
    /// <returns>What they tell.</returns>
    /// <remarks>
    /// A count of n pages among those that are compared is off by the root of n, and what was met of a burst says little of the mean.
    /// Readings of one period count the same: if each were weighed by its own figure, the low ones would seem the more certain.
    /// </remarks>
    public static IEnumerable<WeighedReading> Of(DirtyRateReading[] same, double bursts)
    {
        const double PerPage = PageCount.BytesPerPage;
        var seconds = same[0].Period.TotalSeconds;
        PageCount[] counts = [.. same.Select(r => r.Mode == DirtyRateMode.PageSampling ? PageCount.Of(r) : new(r.DistinctBytes / PerPage, 0))];
        var mean = counts.Average(c => c.Mean);
        var variance = Math.Max(mean, 1) + counts.Average(c => c.Variance) + (bursts * mean * mean);
        return counts.Select(c => new WeighedReading(seconds, c.Mean * PerPage, 1 / (variance * PerPage * PerPage)));
    }
}
