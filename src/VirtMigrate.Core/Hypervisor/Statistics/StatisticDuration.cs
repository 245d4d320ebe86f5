namespace VirtMigrate.Hypervisor.Statistics;

/// <summary>Durations among what hosts tell. A figure can be absurd, and must not end anything: QEMU has told differences of clocks that went backwards.</summary>
internal static class StatisticDuration
{
    private static readonly long Longest = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond;

    /// <summary>Reads a number of milliseconds.</summary>
    /// <param name="milliseconds">The number.</param>
    /// <returns>The duration; the longest or shortest that there is for a number beyond it.</returns>
    public static TimeSpan OfMilliseconds(long milliseconds) => new(Math.Clamp(milliseconds, -Longest, Longest) * TimeSpan.TicksPerMillisecond);

    /// <summary>Reads a number of milliseconds.</summary>
    /// <param name="milliseconds">The number.</param>
    /// <returns>The duration; the longest that there is for a number beyond it.</returns>
    public static TimeSpan OfMilliseconds(ulong milliseconds) => OfMilliseconds((long)Math.Min(milliseconds, long.MaxValue));

    /// <summary>Reads a number of seconds.</summary>
    /// <param name="seconds">The number.</param>
    /// <returns>The duration; the longest or shortest that there is for a number beyond it.</returns>
    public static TimeSpan OfSeconds(long seconds) => OfMilliseconds(Math.Clamp(seconds, -Longest / 1000, Longest / 1000) * 1000);
}
