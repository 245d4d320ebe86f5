namespace VirtMigrate.Estimation;

/// <summary>Smooths the rate of a move: an exponentially weighted moving average.</summary>
/// <param name="weight">The weight of the newest rate, 0 to 1.</param>
internal sealed class RateAverage(double weight)
{
    private double _rate;

    /// <summary>The smoothed rate in bytes per second; null before the first.</summary>
    public double? BytesPerSecond => _rate > 0 ? _rate : null;

    /// <summary>Takes a rate in.</summary>
    /// <param name="bytesPerSecond">The rate; none and nothing count for nothing.</param>
    public void Add(long? bytesPerSecond)
    {
        if (bytesPerSecond is > 0 and { } rate)
        {
            _rate = _rate > 0 ? (weight * rate) + ((1 - weight) * _rate) : rate;
        }
    }

    /// <summary>The time that data takes at the smoothed rate.</summary>
    /// <param name="bytes">The data.</param>
    /// <returns>The time; null before the first rate.</returns>
    public TimeSpan? TimeFor(long bytes) => BytesPerSecond is { } rate ? TimeSpan.FromSeconds(Math.Min(bytes / rate, 1e9)) : null;
}
