namespace VirtMigrate.Estimation;

/// <summary>What a forecast is made from.</summary>
public sealed record ForecastBasis
{
    /// <summary>The memory that the guest changes within a time; null for a guest that stands still.</summary>
    public DirtyMemoryCurve? Curve { get; init; }

    /// <summary>The time in seconds that both hosts take beside the moving of memory: to prepare, and to start the guest.</summary>
    public double Overhead { get; init; }

    /// <summary>The part of the overhead in seconds for which the guest stands still: the state of its devices, and its start.</summary>
    public double SwitchOver { get; init; }

    /// <summary>
    /// How long memory takes at the switch-over compared with the passes before, 0 to 1: a limit of the rate (-Bandwidth) does not hold then.
    /// </summary>
    public double SwitchOverSpeed { get; init; } = 1;

    /// <summary>The time in seconds that disks take before memory begins to move.</summary>
    public double StorageTime { get; init; }
}
