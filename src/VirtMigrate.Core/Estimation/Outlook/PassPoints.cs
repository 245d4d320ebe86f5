namespace VirtMigrate.Estimation;

/// <summary>
/// Keeps what the passes of a migration showed of the guest's writing: in how long a time it dirtied how much. Passes of about the same
/// length are smoothed into one point, and what a newer pass showed goes before what older ones did.
/// </summary>
internal sealed class PassPoints
{
    private const double Weight = 0.4;

    // Two points for each doubling of the time.
    private const double PointsPerOctave = 2;
    private const double ShortestSeconds = 1e-3;

    private readonly SortedList<int, (double Seconds, double Bytes)> _points = [];

    /// <summary>Whether no pass has shown anything yet.</summary>
    public bool IsEmpty => _points.Count == 0;

    /// <summary>Takes a pass in.</summary>
    /// <param name="seconds">How long it took.</param>
    /// <param name="bytes">The distinct memory that the guest dirtied meanwhile.</param>
    public void Add(double seconds, double bytes)
    {
        seconds = Math.Max(seconds, ShortestSeconds);
        var key = (int)Math.Floor(PointsPerOctave * Math.Log2(seconds));
        if (_points.TryGetValue(key, out var known))
        {
            (seconds, bytes) = (Smooth(known.Seconds, seconds), Smooth(known.Bytes, bytes));
        }

        _points[key] = (seconds, bytes);

        // In a longer time a guest dirties as much at least, and in proportion at most. Older points give way.
        foreach (var other in _points.Keys.ToArray())
        {
            var point = _points[other];
            var proportion = bytes * point.Seconds / seconds;
            _points[other] = (point.Seconds, Math.Clamp(point.Bytes, Math.Min(bytes, proportion), Math.Max(bytes, proportion)));
        }
    }

    /// <summary>The curve through the points.</summary>
    /// <param name="memory">The memory that the guest can dirty at most, in bytes.</param>
    /// <returns>The curve.</returns>
    public DirtyMemoryCurve ToCurve(double memory) => DirtyMemoryCurve.Through(
        _points.Values.Select(p => new DirtyMemoryPoint(TimeSpan.FromSeconds(p.Seconds), (long)p.Bytes)), memory);

    private static double Smooth(double known, double newest) => (Weight * newest) + ((1 - Weight) * known);
}
