using VirtMigrate.Estimation;

namespace VirtMigrate.Tests.Estimation;

/// <summary>
/// The measurement of a busy VM of 32 GiB that Andrei Gudkov published with his predictor (qemu-devel, 28 February 2023, "Migration time
/// prediction using calc-dirty-rate"): pages found changed among 16,392 sampled of 8,392,704, after 22 periods; 10,060 of them were zero.
/// </summary>
internal static class PublishedSample
{
    private const double PagesPerSample = 8_392_704.0 / 16_392;
    private const double Page = 4096;

    private static readonly (double Seconds, int Pages)[] Found =
    [
        (0.125, 33), (0.25, 78), (0.375, 119), (0.5, 151), (0.75, 217), (1, 236), (1.5, 293), (2, 336), (3, 425), (4.001, 505), (6, 620),
        (8, 756), (10, 898), (15, 1204), (20, 1457), (25, 1723), (30, 1934), (35, 2141), (40, 2328), (45, 2522), (50, 2675), (60, 2958),
    ];

    /// <summary>The periods of the readings, in seconds.</summary>
    public static IEnumerable<double> Seconds => Found.Select(f => f.Seconds);

    /// <summary>Memory that is not zero, in bytes.</summary>
    public static double Memory => (16_392 - 10_060) * PagesPerSample * Page;

    /// <summary>Memory that is all zeroes, in bytes.</summary>
    public static double ZeroMemory => 10_060 * PagesPerSample * Page;

    /// <summary>The published durations in seconds, by bandwidth in Gbit/s (of 2^30 bits) and downtime limit in seconds; null where it does not converge.</summary>
    public static IReadOnlyList<(double Gigabits, double MaxDowntime, int? Seconds)> Published { get; } =
    [
        .. Row(0.1 * 1000 / 1024, null, null, null, null, null),
        .. Row(1, null, null, null, null, null),
        .. Row(2, null, null, null, null, 101),
        .. Row(2.5, null, null, null, null, 67),
        .. Row(5, 48, 46, 31, 28, 25),
        .. Row(10, 13, 12, 12, 12, 12),
        .. Row(25, 5, 5, 5, 5, 4),
        .. Row(40, 3, 3, 3, 3, 3),
    ];

    /// <summary>
    /// What the VM changes in a time as the publication reads it: along the chords between the points, and beyond them along the
    /// lines through the first two and the last two.
    /// </summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Bytes.</returns>
    public static double Written(double seconds)
    {
        var next = Array.FindIndex(Found, f => f.Seconds >= seconds);
        var at = next < 0 ? Found.Length - 1 : Math.Max(1, next);
        var (before, after) = (Found[at - 1], Found[at]);
        var pages = before.Pages + ((after.Pages - before.Pages) * (seconds - before.Seconds) / (after.Seconds - before.Seconds));
        return Math.Min(Memory, pages * PagesPerSample * Page);
    }

    /// <summary>The curve through the points of some periods.</summary>
    /// <param name="seconds">The periods; none for all.</param>
    /// <returns>The curve.</returns>
    public static DirtyMemoryCurve Curve(params double[] seconds) => DirtyMemoryCurve.Through(
        Found.Where(f => seconds.Length == 0 || seconds.Contains(f.Seconds))
            .Select(f => new DirtyMemoryPoint(TimeSpan.FromSeconds(f.Seconds), (long)(f.Pages * PagesPerSample * Page))),
        Memory);

    /// <summary>The VM's migration.</summary>
    /// <param name="gigabits">Gbit/s of 2^30 bits.</param>
    /// <param name="maxDowntime">Seconds.</param>
    /// <returns>The migration.</returns>
    public static PrecopyCase Migration(double gigabits, double maxDowntime) => new()
    {
        Memory = Memory,
        ZeroMemory = ZeroMemory,
        Bandwidth = gigabits * (1 << 30) / 8,
        MaxDowntime = maxDowntime,
    };

    private static IEnumerable<(double Gigabits, double MaxDowntime, int? Seconds)> Row(double gigabits, params int?[] seconds) =>
        new[] { 0.125, 0.25, 0.5, 1, 5 }.Zip(seconds, (limit, s) => (gigabits, limit, s));
}
