namespace VirtMigrate.Estimation;

/// <summary>A curve that was fitted to readings.</summary>
/// <param name="Points">Its points, one for each period.</param>
/// <param name="Deviations">The standard deviation of each point, as a share of it.</param>
internal sealed record CurveFit(IReadOnlyList<DirtyMemoryPoint> Points, IReadOnlyList<double> Deviations)
{
    /// <summary>The nearest curve with a knee at the shortest period, where it is hardly nearer than this one without; null elsewhere.</summary>
    public CurveFit? WithKnee { get; init; }
}
