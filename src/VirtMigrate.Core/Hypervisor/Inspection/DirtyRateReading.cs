namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>How fast a guest changed its memory while it was measured (virsh domdirtyrate-calc, domstats --dirtyrate).</summary>
/// <param name="BytesPerSecond">The distinct memory that it changed, by second. QEMU measures no blocks under 128 MiB, so small guests read 0.</param>
/// <param name="Period">How long it was measured.</param>
/// <param name="Start">When the measuring began; null for what somebody else measured, of which QEMU tells the host's uptime only.</param>
public sealed record DirtyRateReading(long BytesPerSecond, TimeSpan Period, DateTimeOffset? Start);
