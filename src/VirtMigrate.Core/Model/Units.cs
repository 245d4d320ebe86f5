using System.Globalization;

namespace VirtMigrate;

/// <summary>Numbers as people read them, the same in every culture. Bytes are in steps of 1024: MiB, GiB, MiB/s.</summary>
internal static class Units
{
    private static readonly string[] Sizes = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A size, such as <c>1.25 GiB</c>, to be compared with another one: two decimals.</summary>
    public static string Size(long bytes) => Scale(bytes, most: 1024, (_, _) => "0.##");

    /// <summary>A size in few letters, with three digits at most, as tables have it: <c>512 MiB</c>, <c>1.5 GiB</c>.</summary>
    public static string ShortSize(long bytes) =>
        Scale(bytes, most: 999.5, (value, unit) => unit == 0 || Math.Abs(value) >= 99.95 ? "0" : "0.#");

    /// <summary>A rate in few letters: <c>33.1 MiB/s</c>.</summary>
    public static string ShortRate(long bytesPerSecond) => ShortSize(bytesPerSecond) + "/s";

    /// <summary>A rate in the units of links.</summary>
    public static string BitRate(long bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond * 8.0 / 1e9:0.###} Gbit/s");

    /// <summary>A rate in the units of memory.</summary>
    public static string ByteRate(long bytesPerSecond) => FormattableString.Invariant($"{bytesPerSecond / 1048576.0:0.#} MiB/s");

    /// <summary>A number of things: <c>1 VM</c>, <c>3 VMs</c>.</summary>
    public static string Count(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many)}");

    private static string Scale(double value, double most, Func<double, int, string> format)
    {
        var unit = 0;
        for (; Math.Abs(value) >= most && unit < Sizes.Length - 1; unit++)
        {
            value /= 1024;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value.ToString(format(value, unit), CultureInfo.InvariantCulture)} {Sizes[unit]}");
    }
}
