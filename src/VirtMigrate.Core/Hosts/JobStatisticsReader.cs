
namespace VirtMigrate.Hosts;

/// <summary>Reads a job's statistics (VIR_DOMAIN_JOB_*, virDomainGetJobStats).</summary>
internal static class JobStatisticsReader
{
    /// <summary>virDomainJobType: the job has ended well (VIR_DOMAIN_JOB_COMPLETED).</summary>
    public const int JobCompleted = 3;

    private const int JobFailed = 4;
    private const int JobCancelled = 5;

    /// <summary>Reads the statistics of a job of a virDomainJobType.</summary>
    public static JobStatistics Read(int type, IReadOnlyList<TypedParameter> parameters)
    {
        var numbers = new Dictionary<string, long>(parameters.Count, StringComparer.Ordinal);
        foreach (var value in parameters)
        {
            if (value.Number is { } number)
            {
                numbers[value.Name] = number;
            }
        }

        long? Get(string name) => numbers.TryGetValue(name, out var value) ? value : null;
        TimeSpan? Time(string name) => Get(name) is { } milliseconds ? ClampedTimeSpan.FromMilliseconds(milliseconds) : null;

        return new JobStatistics
        {
            Operation = (JobOperation)Math.Clamp(Get("operation") ?? 0, 0, int.MaxValue),
            IsCompleted = type is JobCompleted or JobFailed or JobCancelled,
            IsFailed = type is JobFailed or JobCancelled,
            Success = Get("success") is { } success ? success != 0 : null,
            ErrorMessage = parameters.FindText("errmsg"),
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

/// <summary>
/// Durations among what hosts tell. A figure can be absurd, and must not end anything: QEMU has told differences of clocks that went
/// backwards. What is beyond the longest or shortest duration that there is comes as that.
/// </summary>
internal static class ClampedTimeSpan
{
    private static readonly long Longest = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond;

    public static TimeSpan FromMilliseconds(long milliseconds) => new(Math.Clamp(milliseconds, -Longest, Longest) * TimeSpan.TicksPerMillisecond);

    public static TimeSpan FromMilliseconds(ulong milliseconds) => FromMilliseconds((long)Math.Min(milliseconds, long.MaxValue));

    public static TimeSpan FromSeconds(long seconds) => FromMilliseconds(Math.Clamp(seconds, -Longest / 1000, Longest / 1000) * 1000);
}

/// <summary>One named value of what a host tells of a VM or a job (virTypedParameter), whichever transport brought it.</summary>
/// <param name="Name">Libvirt's name, such as <c>state.reason</c>.</param>
/// <param name="Number">The value as an integer; null where it is none.</param>
/// <param name="Text">The value as a text; null where the transport knows that it is a number.</param>
internal readonly record struct TypedParameter(string Name, long? Number, string? Text);

/// <summary>Finds single values among typed parameters.</summary>
internal static class TypedParameterExtensions
{
    public static long? FindNumber(this IReadOnlyList<TypedParameter> parameters, string name) => parameters.Find(name)?.Number;

    public static string? FindText(this IReadOnlyList<TypedParameter> parameters, string name) => parameters.Find(name)?.Text;

    private static TypedParameter? Find(this IReadOnlyList<TypedParameter> parameters, string name)
    {
        foreach (var parameter in parameters)
        {
            if (parameter.Name.Equals(name, StringComparison.Ordinal))
            {
                return parameter;
            }
        }

        return null;
    }
}
