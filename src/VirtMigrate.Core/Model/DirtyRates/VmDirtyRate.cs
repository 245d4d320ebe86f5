using VirtMigrate.Estimation;

namespace VirtMigrate.Model;

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

    /// <summary>When the first reading was begun; null where somebody else had begun it.</summary>
    public DateTimeOffset? StartTime => Readings.Min(r => r.Start);

    private DirtyRateReading Longest => Readings.MaxBy(r => r.Period)!;

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => VmHost;

    /// <summary>The VM and its rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Vm}: {Longest}";
}
