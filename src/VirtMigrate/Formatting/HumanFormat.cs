using System.Globalization;

namespace VirtMigrate.Formatting;

/// <summary>
/// Writes numbers as people read them, for the format file. The objects themselves keep bytes, bytes per second and
/// TimeSpan in full precision.
/// </summary>
public static class HumanFormat
{
    /// <summary>A size, in steps of 1024: <c>512 MiB</c>, <c>1.5 GiB</c>.</summary>
    /// <param name="bytes">Bytes; null gives an empty text.</param>
    /// <returns>The text.</returns>
    public static string Size(long? bytes) => bytes is { } value ? Units.ShortSize(value) : string.Empty;

    /// <summary>A rate: <c>33.1 MiB/s</c>.</summary>
    /// <param name="bytesPerSecond">Bytes per second; null gives an empty text.</param>
    /// <returns>The text.</returns>
    public static string Rate(long? bytesPerSecond) => bytesPerSecond is { } value ? Units.ShortRate(value) : string.Empty;

    /// <summary>A time span: <c>85 ms</c>, <c>2.4 s</c>, <c>3m 05s</c>, <c>1h 02m</c>, <c>2d 03h</c>.</summary>
    /// <param name="duration">The time span; null gives an empty text.</param>
    /// <returns>The text.</returns>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => string.Empty,
        { TotalMilliseconds: < 999.5 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 59.95 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.Minutes}m {d.Seconds:00}s"),
        { TotalDays: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.Hours}h {d.Minutes:00}m"),
        { } d => string.Create(CultureInfo.InvariantCulture, $"{d.Days}d {d.Hours:00}h"),
    };

    /// <summary>A period, which is whole seconds: <c>30 s</c>.</summary>
    /// <param name="period">The period.</param>
    /// <returns>The text.</returns>
    public static string Seconds(TimeSpan period) => string.Create(CultureInfo.InvariantCulture, $"{period.TotalSeconds:0.###} s");
}
