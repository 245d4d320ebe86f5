using System.Globalization;

namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>Writes figures for people.</summary>
internal static class Figure
{
    private const double MiB = 1024 * 1024;

    /// <summary>Writes a series' median.</summary>
    /// <param name="series">The series.</param>
    /// <param name="unit">What it counts.</param>
    /// <returns>Such as <c>123.4 ms</c>.</returns>
    public static string Median(Series series, Unit unit)
    {
        var (scale, format, name) = Scale(series, unit);
        return Text(series.Median, scale, format) + name;
    }

    /// <summary>Writes a series' least and greatest figure, in the median's unit.</summary>
    /// <param name="series">The series.</param>
    /// <param name="unit">What it counts.</param>
    /// <returns>Such as <c>120.1–130.2</c>; nothing for a single figure.</returns>
    public static string Range(Series series, Unit unit)
    {
        var (scale, format, _) = Scale(series, unit);
        return series.Values.Count < 2 ? string.Empty : $"{Text(series.Minimum, scale, format)}–{Text(series.Maximum, scale, format)}";
    }

    /// <summary>Writes a ratio.</summary>
    /// <param name="ratio">The ratio.</param>
    /// <returns>Such as <c>1.03</c>.</returns>
    public static string Ratio(double ratio) => ratio.ToString(ratio < 0.095 ? "0.000" : "0.00", CultureInfo.InvariantCulture);

    private static (double Scale, string Format, string Name) Scale(Series series, Unit unit) => (unit, Math.Abs(series.Median)) switch
    {
        (Unit.Seconds, >= 1) => (1, "0.000", " s"),
        (Unit.Seconds, >= 0.1) => (1000, "0", " ms"),
        (Unit.Seconds, _) => (1000, "0.0", " ms"),
        (Unit.Bytes, _) => (1 / MiB, "0.0", " MiB"),
        (Unit.Share, _) => (100, "0.0", " %"),
        _ => (1, "0.#", string.Empty),
    };

    private static string Text(double value, double scale, string format) => (value * scale).ToString(format, CultureInfo.InvariantCulture);
}
