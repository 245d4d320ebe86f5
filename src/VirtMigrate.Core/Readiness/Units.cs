using System.Globalization;

namespace VirtMigrate.Readiness;

/// <summary>Sizes and rates as messages write them.</summary>
internal static class Units
{
    private static readonly string[] Sizes = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Size(long bytes)
    {
        var power = 0;
        var value = (double)bytes;
        for (; value >= 1024 && power < Sizes.Length - 1; power++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.##} {Sizes[power]}");
    }

    /// <summary>A rate in the units of links.</summary>
    public static string BitRate(long bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond * 8.0 / 1e9:0.###} Gbit/s");

    /// <summary>A rate in the units of memory.</summary>
    public static string ByteRate(long bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond / 1048576.0:0.#} MiB/s");
}
