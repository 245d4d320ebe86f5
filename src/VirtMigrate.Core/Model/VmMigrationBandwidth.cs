using System.Globalization;

namespace VirtMigrate;

/// <summary>What one completed migration achieved between two hosts.</summary>
public sealed record VmMigrationBandwidth
{
    private const double MiB = 1024 * 1024;

    // QEMU counts a limit in tenths of a second, and what it may send beside does not always fill one.
    private const double LimitedShare = 0.8;
    private static readonly TimeSpan ShortestDuration = TimeSpan.FromSeconds(1);

    /// <summary>The name of the host that the VM left.</summary>
    public required string Source { get; init; }

    /// <summary>The UUID of the host that the VM left; null where it is not known.</summary>
    public Guid? SourceUuid { get; init; }

    /// <summary>The name of the host that it reached.</summary>
    public required string Destination { get; init; }

    /// <summary>The UUID of the host that it reached; null where it is not known.</summary>
    public Guid? DestinationUuid { get; init; }

    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>When the migration began.</summary>
    public required DateTimeOffset StartTime { get; init; }

    /// <summary>Bytes per second while memory moved; shared with other migrations that were under way at the same time.</summary>
    public required long BytesPerSecond { get; init; }

    /// <summary>Bytes of memory that crossed; a page that is sent again counts each time.</summary>
    public required long Transferred { get; init; }

    /// <summary>The time for which memory moved.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>
    /// The time of the migration beside: what both hosts needed to prepare, to hand over and to verify. The time in which disks were
    /// copied does not count.
    /// </summary>
    public TimeSpan Overhead { get; init; }

    /// <summary>The connections that memory moved over.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>The limit that it was under (-Bandwidth), in bytes per second; null for none.</summary>
    public long? Limit { get; init; }

    /// <summary>Whether memory moved for too short a time to tell a rate that lasts.</summary>
    public bool IsShort => Duration < ShortestDuration;

    /// <summary>Whether <see cref="Limit"/> held it down, so that the link can do more.</summary>
    public bool IsLimited => Limit is { } limit && BytesPerSecond >= LimitedShare * limit;

    /// <summary>The hosts and the rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Source} to {Destination}: {BytesPerSecond / MiB:0.0} MiB/s");
}
