namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>
/// The peer, as guides have it: one dirty rate d, of 30 s, held against the bandwidth B. Below it the passes over the memory V are taken
/// for a geometric series, which has moved V / (1 − d / B) when it ends.
/// </summary>
internal static class ScalarRate
{
    /// <summary>Forecasts a migration.</summary>
    /// <param name="terms">What it goes by.</param>
    /// <param name="rate">The rate, in bytes per second.</param>
    /// <returns>The forecast, which never is in doubt.</returns>
    public static Forecast Foresee(Terms terms, long rate)
    {
        if (rate >= terms.Bandwidth)
        {
            return new() { Verdict = Verdict.WillNotConverge };
        }

        var bytes = terms.Memory / (1 - ((double)rate / terms.Bandwidth));
        return new()
        {
            Verdict = Verdict.Converges,
            Duration = TimeSpan.FromSeconds(bytes / terms.Bandwidth),
            Transferred = (long)bytes,
            Downtime = terms.MaxDowntime,
        };
    }
}
