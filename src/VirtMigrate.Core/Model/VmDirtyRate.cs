using System.Globalization;

namespace VirtMigrate;

/// <summary>How fast one VM changes its memory, measured over one or several periods.</summary>
public sealed record VmDirtyRate : IVmReference
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that it was measured on.</summary>
    public required VmHost VmHost { get; init; }

    /// <summary>The readings, in the order in which they were taken; at least one.</summary>
    public required IReadOnlyList<DirtyRateReading> Readings { get; init; }

    /// <summary>The distinct memory that the VM changes in a time, as the readings tell it.</summary>
    public required DirtyMemoryCurve Curve { get; init; }

    /// <summary>The rate over the longest period, in bytes per second: what a measurement of that period alone would have told.</summary>
    public long BytesPerSecond => Longest.BytesPerSecond;

    /// <summary>The longest period.</summary>
    public TimeSpan Period => Longest.Period;

    /// <summary>How it was measured.</summary>
    public DirtyRateMode Mode => Longest.Mode;

    /// <summary>The distinct memory that the VM changed during the longest period, in bytes.</summary>
    public long DistinctBytes => Longest.DistinctBytes;

    /// <summary>When the first reading was started; null where somebody else had started it.</summary>
    public DateTimeOffset? StartTime => Readings.Min(r => r.Start);

    private DirtyRateReading Longest => Readings.MaxBy(r => r.Period)!;

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => VmHost;

    /// <summary>The VM and its rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Vm}: {Longest}";
}

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

/// <summary>How fast one of a guest's processors changed memory.</summary>
/// <param name="Vcpu">The processor's number, from 0.</param>
/// <param name="BytesPerSecond">Bytes per second.</param>
public sealed record VcpuDirtyRate(int Vcpu, long BytesPerSecond)
{
    private const double MiB = 1024 * 1024;

    /// <summary>The processor and its rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"vCPU {Vcpu}: {BytesPerSecond / MiB:0} MiB/s");
}

/// <summary>How QEMU measures a dirty rate (virDomainDirtyRateCalcFlags, <c>virsh domdirtyrate-calc --mode</c>).</summary>
public enum DirtyRateMode
{
    /// <summary>512 pages of each GiB are compared before and after; costs the guest next to nothing.</summary>
    PageSampling,

    /// <summary>Every write is logged, which slows the guest's writes while it is measured (libvirt 8.1, QEMU 6.2).</summary>
    DirtyBitmap,

    /// <summary>Every write is logged for each processor; the VM must have KVM's dirty ring (libvirt 8.1, QEMU 6.2).</summary>
    DirtyRing,
}
