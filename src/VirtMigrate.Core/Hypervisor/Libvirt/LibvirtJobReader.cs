using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>Reads libvirt's account of a job from its typed parameters (VIR_DOMAIN_JOB_*).</summary>
internal static unsafe class LibvirtJobReader
{
    private const int JobFailed = 4;
    private const int JobCancelled = 5;
    private const int JobCompleted = 3;

    /// <summary>Reads one account.</summary>
    /// <param name="type">The virDomainJobType.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="count">Their number.</param>
    /// <returns>The account.</returns>
    public static JobStatistics Read(int type, TypedParameter* parameters, int count)
    {
        var values = new Dictionary<string, long>(count, StringComparer.Ordinal);
        string? error = null;
        for (var i = 0; i < count; i++)
        {
            if (parameters[i].Number is { } number)
            {
                values[parameters[i].ToString()] = number;
            }
            else if (parameters[i].Is("errmsg"u8))
            {
                error = parameters[i].Text;
            }
        }

        long? Get(string name) => values.TryGetValue(name, out var value) ? value : null;
        TimeSpan? Time(string name) => Get(name) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null;

        return new JobStatistics
        {
            Operation = (JobOperation)(Get("operation") ?? 0),
            IsCompleted = type is JobCompleted or JobFailed or JobCancelled,
            Success = Get("success") is { } success ? success != 0 : null,
            ErrorMessage = error,
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
            AutoConvergeThrottle = (int?)Get("auto_converge_throttle"),
        };
    }
}
