using System.Globalization;

namespace VirtMigrate.Formatting;

/// <summary>Puts measured dirty rates into few words, for the format file.</summary>
public static class DirtyRateFormat
{
    /// <summary>Every reading in a line.</summary>
    /// <param name="rate">The dirty rate.</param>
    /// <returns>The lines.</returns>
    public static string Readings(VmDirtyRate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return string.Join('\n', rate.Readings.Select(Reading));
    }

    /// <summary>Every point of the curve in a line.</summary>
    /// <param name="rate">The dirty rate.</param>
    /// <returns>The lines.</returns>
    public static string Curve(VmDirtyRate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return string.Join('\n', rate.Curve.Points.Select(p => $"{Seconds(p.Period)}: {HumanFormat.Size(p.Bytes)}"));
    }

    /// <summary>A period, which is whole seconds.</summary>
    /// <param name="period">The period.</param>
    /// <returns>The text.</returns>
    public static string Seconds(TimeSpan period) => string.Create(CultureInfo.InvariantCulture, $"{period.TotalSeconds:0.###} s");

    private static string Reading(DirtyRateReading reading)
    {
        var begin = reading.Start is { } start
            ? start.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : "taken from a measurement under way";
        var vcpus = string.Concat(reading.Vcpus.Select(v => string.Create(CultureInfo.InvariantCulture, $", vCPU {v.Vcpu}: {HumanFormat.Rate(v.BytesPerSecond)}")));
        return $"{Seconds(reading.Period)}: {HumanFormat.Rate(reading.BytesPerSecond)}, {HumanFormat.Size(reading.DistinctBytes)} distinct ({begin}){vcpus}";
    }
}
