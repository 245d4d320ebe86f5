using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>Measures what a migration achieves, by libvirt's accounts while its memory moves.</summary>
/// <remarks>
/// The account with which libvirt closes a job has no such figure: its time begins with the preparation of the destination, and its
/// rate is now QEMU's average over the migration, now that of its last tenth of a second, as libvirt happens to ask before or after
/// QEMU has closed its own account.
/// </remarks>
internal sealed class TransferMeter
{
    private (TimeSpan Elapsed, long Bytes)? _first;
    private (TimeSpan Elapsed, long Bytes) _last;
    private TimeSpan? _disksBegin;

    private double? BytesPerSecond => _first is { } first && _last.Bytes > first.Bytes && _last.Elapsed > first.Elapsed
        ? (_last.Bytes - first.Bytes) / (_last.Elapsed - first.Elapsed).TotalSeconds
        : null;

    /// <summary>Takes an account in.</summary>
    /// <param name="account">The account.</param>
    public void Take(JobStatistics account)
    {
        if (account is { Iteration: > 0, MemoryProcessed: > 0 and { } bytes, MemoryRemaining: > 0, IsCompleted: false })
        {
            _last = (account.Elapsed, bytes);
            _first ??= _last;
        }
        else if (account is { Iteration: null or 0, DiskProcessed: > 0 })
        {
            _disksBegin ??= account.Elapsed;
        }
    }

    /// <summary>Tells what the migration achieved.</summary>
    /// <param name="result">How it ended.</param>
    /// <returns>The figures; null where it tells nothing of the next migration.</returns>
    public VmMigrationBandwidth? Close(VmMigrationResult result)
    {
        // In post-copy the destination decides what comes next; compressed memory tells of processors as much as of the link.
        if (result is not { Outcome: MigrationOutcome.Completed, IsLive: true, Statistics: { } account } ||
            result.Phases.Any(p => p.Phase == MigrationPhase.PostCopy) || result.Options.Contains(MigrationOptions.Compression.Name))
        {
            return null;
        }

        var bytes = account.MemoryProcessed ?? account.DataProcessed;
        if ((BytesPerSecond ?? account.MemoryRate) is not (> 0 and { } rate) || bytes <= 0)
        {
            return null;
        }

        var duration = TimeSpan.FromSeconds(bytes / rate);
        var overhead = result.Duration - duration - DisksDuration(rate);
        return new()
        {
            Source = result.Source.Name,
            SourceUuid = result.Source.Uuid,
            Destination = result.Destination.Name,
            DestinationUuid = result.Destination.Uuid,
            Vm = result.Vm,
            StartTime = result.StartTime,
            BytesPerSecond = (long)rate,
            Transferred = bytes,
            Duration = duration,
            Overhead = overhead > TimeSpan.Zero ? overhead : TimeSpan.Zero,
            Connections = Math.Max(1, result.Connections),
            Limit = result.Options[MigrationOptions.Bandwidth.Name] as long?,
        };
    }

    // Disks are copied before memory begins to move.
    private TimeSpan DisksDuration(double rate) => (_disksBegin, _first) switch
    {
        ({ } begin, { } first) when first.Elapsed - TimeSpan.FromSeconds(first.Bytes / rate) - begin is { Ticks: > 0 } duration => duration,
        _ => TimeSpan.Zero,
    };
}
