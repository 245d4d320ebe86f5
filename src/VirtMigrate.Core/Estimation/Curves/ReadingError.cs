using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>Tells how far off a curve may be that was fitted to readings.</summary>
/// <remarks>
/// Two things make readings differ: QEMU compares a sample of the pages only, and guests write now more, now less. The first follows from
/// the number of sampled pages that were found changed, the second shows where a period was measured several times.
/// </remarks>
internal static class ReadingError
{
    // Two standard deviations: nineteen of twenty curves are nearer.
    private const double Deviations = 2;

    private const double Most = 0.3;

    // Bursts that are shorter than a migration even out in it.
    private const double MostOfBursts = 0.2;

    /// <summary>Finds it.</summary>
    /// <param name="readings">The readings, at least one.</param>
    /// <returns>A share of the curve: 0.1 for a tenth.</returns>
    public static double Of(IReadOnlyCollection<DirtyRateReading> readings)
    {
        var shortest = readings.Min(r => r.Period);
        var atFirst = readings.Where(r => r.Period == shortest).Average(r => r.BytesPerSecond);
        var steepest = atFirst > 0 ? atFirst : readings.Max(r => r.BytesPerSecond);
        if (steepest <= 0)
        {
            return 0;
        }

        // A reading over a time in which the guest wrote its pages again and again tells little of how fast it writes.
        var pages = readings.Sum(r => Bursts.SampledPages(r) * Math.Min(1, r.BytesPerSecond / steepest));
        var sampling = Deviations / Math.Sqrt(pages);
        var bursts = Math.Min(MostOfBursts, Deviations * Math.Sqrt(new Bursts(readings).OfMean(readings)));
        return Math.Min(Most, Math.Sqrt((sampling * sampling) + (bursts * bursts)));
    }
}
