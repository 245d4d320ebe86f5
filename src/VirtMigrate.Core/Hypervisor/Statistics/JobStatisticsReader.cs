using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Statistics;

/// <summary>Reads libvirt's account of a job (VIR_DOMAIN_JOB_*, virDomainGetJobStats).</summary>
internal static class JobStatisticsReader
{
    private const int JobFailed = 4;
    private const int JobCancelled = 5;
    private const int JobCompleted = 3;

    /// <summary>Reads one account.</summary>
    /// <param name="type">The virDomainJobType.</param>
    /// <param name="values">The account's values.</param>
    /// <returns>The account.</returns>
    public static JobStatistics Read(int type, IReadOnlyList<Statistic> values)
    {
        var numbers = new Dictionary<string, long>(values.Count, StringComparer.Ordinal);
        foreach (var value in values)
        {
            if (value.Number is { } number)
            {
                numbers[value.Name] = number;
            }
        }

        long? Get(string name) => numbers.TryGetValue(name, out var value) ? value : null;
        TimeSpan? Time(string name) => Get(name) is { } milliseconds ? StatisticDuration.OfMilliseconds(milliseconds) : null;

        return new JobStatistics
        {
            Operation = (JobOperation)Math.Clamp(Get("operation") ?? 0, 0, int.MaxValue),
            IsCompleted = type is JobCompleted or JobFailed or JobCancelled,
            IsFailed = type is JobFailed or JobCancelled,
            Success = Get("success") is { } success ? success != 0 : null,
            ErrorMessage = values.FindText("errmsg"),
            Elapsed = Time("time_elapsed") ?? TimeSpan.Zero,
            Downtime = Time("downtime"),
            DowntimeNet = Time("downtime_net"),
            SetupTime = Time("setup_time"),
            DataTotal = Get("data_total") ?? 0,
            DataProcessed = Get("data_processed") ?? 0,
            DataRemaining = Get("data_remaining") ?? 0,
            MemoryTotal = Get("memory_total"),
            MemoryProcessed = Get("memory_processed"),
            MemoryRemaining = Get("memory_remaining"),
            MemoryRate = Get("memory_bps"),
            DirtyPagesPerSecond = Get("memory_dirty_rate"),
            PageSize = Get("memory_page_size"),
            Iteration = Get("memory_iteration"),
            PostCopyRequests = Get("memory_postcopy_requests"),
            DiskTotal = Get("disk_total"),
            DiskProcessed = Get("disk_processed"),
            DiskRemaining = Get("disk_remaining"),
            AutoConvergeThrottle = Get("auto_converge_throttle") is { } throttle ? (int)Math.Clamp(throttle, 0, int.MaxValue) : null,
        };
    }
}

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
