using System.Globalization;

namespace VirtMigrate.Migration.Policies;

/// <summary>Writes the numbers of reasons, the same in every culture.</summary>
internal static class PolicyWording
{
    private const double MiB = 1024 * 1024;

    /// <summary>A duration: <c>1,870 ms</c>.</summary>
    /// <param name="duration">The duration.</param>
    /// <returns>The text.</returns>
    public static string Milliseconds(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:N0} ms");

    /// <summary>A longer duration: <c>40 s</c>, <c>2.5 s</c>.</summary>
    /// <param name="duration">The duration.</param>
    /// <returns>The text.</returns>
    public static string Seconds(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:#,0.#} s");

    /// <summary>A size in PowerShell's unit (1MB is 1,048,576 bytes): <c>71.5 MB</c>.</summary>
    /// <param name="bytes">Bytes.</param>
    /// <returns>The text.</returns>
    public static string Size(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / MiB:#,0.0} MB");

    /// <summary>A factor or share: <c>1.5</c>.</summary>
    /// <param name="number">The number.</param>
    /// <returns>The text.</returns>
    public static string Factor(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>A number of things: <c>1 pass</c>, <c>3 passes</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The word for one.</param>
    /// <param name="many">The word for several.</param>
    /// <returns>The text.</returns>
    public static string Count(long count, string one, string many) =>
        string.Create(CultureInfo.InvariantCulture, $"{count:N0} {(count == 1 ? one : many)}");
}
