using System.Globalization;

namespace VirtMigrate.Model;

/// <summary>How fast a guest changed its memory while it was measured (virsh domdirtyrate-calc, domstats --dirtyrate).</summary>
/// <param name="BytesPerSecond">
/// The distinct memory that it changed, by second. QEMU counts whole MiB/s; with <see cref="DirtyRateMode.PageSampling"/> each page that
/// it compares stands for 2 MiB.
/// </param>
/// <param name="Period">How long it was measured.</param>
/// <param name="Start">When the measuring began; null for what somebody else measured, of which QEMU tells the host's uptime only.</param>
public sealed record DirtyRateReading(long BytesPerSecond, TimeSpan Period, DateTimeOffset? Start)
{
    private const double MiB = 1024 * 1024;

    /// <summary>How it was measured.</summary>
    public DirtyRateMode Mode { get; init; }

    /// <summary>The rate of each of the guest's processors; only with <see cref="DirtyRateMode.DirtyRing"/>.</summary>
    public IReadOnlyList<VcpuDirtyRate> Vcpus { get; init; } = [];

    /// <summary>The distinct memory that changed during the period, in bytes.</summary>
    public long DistinctBytes => (long)(BytesPerSecond * Period.TotalSeconds);

    /// <summary>
    /// What QEMU held of the host's memory for this VM when the reading ended, in bytes (balloon.rss); null where the host does not tell.
    /// </summary>
    public long? ResidentMemory { get; init; }

    /// <summary>The rate and its period.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{BytesPerSecond / MiB:0} MiB/s over {Period.TotalSeconds:0} s");
}
