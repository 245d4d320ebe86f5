using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.DirtyRates;

/// <summary>What a look at a VM's measurement of its dirty rate found. QEMU has one at a time, and knows the last one only.</summary>
internal sealed record DirtyRateLook
{
    /// <summary>Whether it goes on.</summary>
    public bool IsMeasuring { get; init; }

    /// <summary>When it began, in seconds of a clock of the host's; null where that was not told.</summary>
    public long? Begin { get; init; }

    /// <summary>How long it takes, or took.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>How it is made.</summary>
    public DirtyRateMode Mode { get; init; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded { get; init; }

    /// <summary>What it measured; null before its end, and where there was nothing to be measured.</summary>
    public DirtyRateReading? Reading { get; init; }

    /// <summary>Whether a later look found this same measurement, and not one that was begun after its end.</summary>
    /// <param name="later">The later look.</param>
    /// <returns>True when it did, as far as can be told.</returns>
    /// <remarks>
    /// QEMU tells whole seconds, and tells the begin of the same measurement up to a second later when it has ended. The next one can't
    /// begin before a period is over.
    /// </remarks>
    public bool IsSeenIn(DirtyRateLook later) =>
        Begin is not { } begin || later.Begin is not { } now || now - begin < Math.Max(2, Period.TotalSeconds);
}
