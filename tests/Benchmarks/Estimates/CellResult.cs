namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>What was said about one migration, and how it went.</summary>
/// <param name="Cell">The migration.</param>
/// <param name="Written">What the guest itself said that it wrote while its dirty rate was measured, in bytes per second.</param>
/// <param name="Terms">What both forecasts go by.</param>
/// <param name="Estimate">The module's forecast.</param>
/// <param name="Peer">The forecast by the rate alone.</param>
/// <param name="Actual">How it went.</param>
internal sealed record CellResult(GridCell Cell, double Written, Terms Terms, Forecast Estimate, Forecast Peer, ActualMigration Actual)
{
    private const double Below = 0.7;
    private const double Above = 1.3;

    /// <summary>
    /// What the guest really changes, in distinct bytes for the time of the longest downtime, against what crosses in that time. At 1
    /// is the border between what ends and what does not. A saw goes by its mean.
    /// </summary>
    public double Ratio
    {
        get
        {
            var seconds = Terms.MaxDowntime.TotalSeconds;
            return Cell.Guest.Distinct(Written * seconds) / (Terms.Bandwidth * seconds);
        }
    }

    /// <summary>Whether it is far from that border.</summary>
    public bool IsFar => Ratio is < Below or > Above;
}
