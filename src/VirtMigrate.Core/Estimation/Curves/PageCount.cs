using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>How many of the pages that QEMU compares a reading found changed.</summary>
/// <param name="Mean">The number; where the reading's rate may come from several numbers, their mean.</param>
/// <param name="Variance">The variance of those numbers: what was lost when the rate was cut off.</param>
internal readonly record struct PageCount(double Mean, double Variance)
{
    /// <summary>The memory that each compared page stands for: QEMU takes 512 pages of each GiB.</summary>
    public const double BytesPerPage = 1 << 21;

    // QEMU tells whole MiB/s, cut off (do_calculate_dirtyrate).
    private const double RateStep = 1 << 20;
    private const double Tiny = 1e-9;

    /// <summary>Counts them. A reading over a second comes from one number only, one over ten seconds from five or so.</summary>
    /// <param name="reading">A reading by page sampling.</param>
    /// <returns>The number.</returns>
    public static PageCount Of(DirtyRateReading reading)
    {
        var seconds = reading.Period.TotalSeconds;
        var (from, to) = (reading.BytesPerSecond * seconds / BytesPerPage, (reading.BytesPerSecond + RateStep) * seconds / BytesPerPage);
        var (least, most) = (Math.Ceiling(from - Tiny), Math.Ceiling(to - Tiny) - 1);

        // No whole number fits where not all pages stand for as much: memory of an odd size.
        return most < least ? new((from + to) / 2, Uniform(to - from)) : new((least + most) / 2, Uniform(most - least + 1) - Uniform(1));
    }

    private static double Uniform(double width) => width * width / 12;
}
