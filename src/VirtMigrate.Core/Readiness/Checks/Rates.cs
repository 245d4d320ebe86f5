namespace VirtMigrate.Readiness.Checks;

/// <summary>Rates as messages write them.</summary>
internal static class Rates
{
    private const double Bits = 8;

    /// <summary>A rate in the units of links.</summary>
    /// <param name="bytesPerSecond">Bytes per second.</param>
    /// <returns>A text.</returns>
    public static string Gigabits(long bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond * Bits / 1e9:0.###} Gbit/s");

    /// <summary>A rate in the units of memory.</summary>
    /// <param name="bytesPerSecond">Bytes per second.</param>
    /// <returns>A text.</returns>
    public static string Mebibytes(long bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond / 1048576.0:0.#} MiB/s");
}
