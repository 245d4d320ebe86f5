using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>What completed migrations achieved, and what that says of the next one. Calls may come from any thread.</summary>
public sealed class BandwidthHistory
{
    // One migration that had to share its link or a processor says nothing of the next one.
    private const int Newest = 5;

    private readonly object _lock = new();
    private readonly List<VmMigrationBandwidth> _records;

    /// <summary>Makes a history.</summary>
    /// <param name="records">What is known already. A record that comes twice, live and from a file, counts once.</param>
    public BandwidthHistory(IEnumerable<VmMigrationBandwidth>? records = null) => _records =
        [.. (records ?? []).DistinctBy(r => (r.Source, r.Destination, r.Vm, r.Transferred, r.Duration))];

    /// <summary>All records, by the begin of their migrations.</summary>
    public IReadOnlyList<VmMigrationBandwidth> Records
    {
        get
        {
            lock (_lock)
            {
                return [.. _records.OrderBy(r => r.StartTime)];
            }
        }
    }

    /// <summary>Takes in how a migration went; one that achieved nothing that can be told counts for nothing.</summary>
    /// <param name="result">How it went.</param>
    public void Add(VmMigrationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Bandwidth is { } record)
        {
            lock (_lock)
            {
                _records.Add(record);
            }
        }
    }

    /// <summary>
    /// Finds what migrations between two hosts have achieved. Those that no limit held down go before all others, then those over as many
    /// connections, then those in the same direction. Migrations whose memory moved for less than a second don't count.
    /// </summary>
    /// <param name="source">The host that a VM is to leave.</param>
    /// <param name="destination">The host that it is to go to.</param>
    /// <param name="connections">The number of connections that its memory is to move over.</param>
    /// <returns>The median of the newest five; null where nothing is known.</returns>
    public AchievedBandwidth? Find(VmHost source, VmHost destination, int connections = 1)
    {
        var best = Between(source, destination).Where(r => !r.Record.IsShort)
            .GroupBy(r => (r.Record.IsLimited, r.Record.Connections, r.IsOpposite))
            .MinBy(g => (g.Key.IsLimited, Math.Abs(g.Key.Connections - connections), g.Key.IsOpposite));
        return best is null ? null : new()
        {
            BytesPerSecond = (long)Median(best.Select(r => (double)r.Record.BytesPerSecond)),
            Count = Math.Min(Newest, best.Count()),
            Connections = best.Key.Connections,
            Source = best.Key.IsOpposite ? destination.Name : source.Name,
            Destination = best.Key.IsOpposite ? source.Name : destination.Name,
            IsOpposite = best.Key.IsOpposite,
            IsLowerBound = best.Key.IsLimited,
            Overhead = FindOverhead(source, destination)!.Value,
        };
    }

    /// <summary>
    /// Finds the time that migrations between two hosts have taken beside the move of memory. All of them tell it, in whatever time their
    /// memory moved; those in the same direction go before the others.
    /// </summary>
    /// <param name="source">The host that a VM is to leave.</param>
    /// <param name="destination">The host that it is to go to.</param>
    /// <returns>The median of the newest five; null where nothing is known.</returns>
    public TimeSpan? FindOverhead(VmHost source, VmHost destination) =>
        Between(source, destination).GroupBy(r => r.IsOpposite).MinBy(g => g.Key) is { } best
            ? TimeSpan.FromSeconds(Median(best.Select(r => r.Record.Overhead.TotalSeconds)))
            : null;

    private static double Median(IEnumerable<double> values)
    {
        double[] newest = [.. values.TakeLast(Newest).Order()];
        return (newest[(newest.Length - 1) / 2] + newest[newest.Length / 2]) / 2;
    }

    private static bool Is(VmHost host, string name, Guid? uuid) => uuid is { } known && host.Uuid is { } own
        ? known == own
        : string.Equals(host.Name, name, StringComparison.OrdinalIgnoreCase);

    private IReadOnlyList<(VmMigrationBandwidth Record, bool IsOpposite)> Between(VmHost source, VmHost destination)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        return
        [
            .. Records.Select(r => (Record: r, IsSame: Went(r, source, destination), IsOpposite: Went(r, destination, source)))
                .Where(r => r.IsSame || r.IsOpposite).Select(r => (r.Record, !r.IsSame)),
        ];
    }

    private static bool Went(VmMigrationBandwidth record, VmHost from, VmHost to) =>
        Is(from, record.Source, record.SourceUuid) && Is(to, record.Destination, record.DestinationUuid);
}
