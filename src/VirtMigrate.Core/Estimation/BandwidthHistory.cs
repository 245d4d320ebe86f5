using System.Globalization;
using VirtMigrate.Failures;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Estimation;

/// <summary>What completed migrations achieved, and what that says of the next one. Calls may come from any thread.</summary>
internal sealed class BandwidthHistory
{
    // One migration that had to share its link or a processor says nothing of the next one.
    private const int Newest = 5;

    private readonly object _lock = new();
    private readonly List<VmMigrationBandwidth> _records;

    /// <summary>Makes a history.</summary>
    /// <param name="records">What is known already. A record that comes twice, live and from a file, counts once.</param>
    public BandwidthHistory(IEnumerable<VmMigrationBandwidth>? records = null) => _records =
        [.. (records ?? []).DistinctBy(r => (r.Source, r.Destination, r.Vm, r.Transferred, r.Duration))];

    /// <summary>All records, by the start of their migrations.</summary>
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
        return
        [
            .. Records.Select(r => (Record: r, IsSame: Went(r, source, destination), IsOpposite: Went(r, destination, source)))
                .Where(r => r.IsSame || r.IsOpposite).Select(r => (r.Record, !r.IsSame)),
        ];
    }

    private static bool Went(VmMigrationBandwidth record, VmHost from, VmHost to) =>
        Is(from, record.Source, record.SourceUuid) && Is(to, record.Destination, record.DestinationUuid);
}

/// <summary>What the newest migrations between two hosts have achieved: the median.</summary>
internal sealed record AchievedBandwidth
{
    private const double MiB = 1024 * 1024;

    /// <summary>Bytes per second while memory moved.</summary>
    public required long BytesPerSecond { get; init; }

    /// <summary>How many migrations it comes from.</summary>
    public required int Count { get; init; }

    /// <summary>The connections that their memory moved over.</summary>
    public required int Connections { get; init; }

    /// <summary>The name of the host that they left.</summary>
    public required string Source { get; init; }

    /// <summary>The name of the host that they reached.</summary>
    public required string Destination { get; init; }

    /// <summary>Whether they went the other way.</summary>
    public bool IsOpposite { get; init; }

    /// <summary>Whether all of them were held down by a limit, so that the link can do more.</summary>
    public bool IsLowerBound { get; init; }

    /// <summary>The time that a migration takes beside: what both hosts need to prepare, to hand over and to verify.</summary>
    public required TimeSpan Overhead { get; init; }

    /// <summary>Where the rate comes from: <c>3 migrations from kvm1 to kvm2</c>.</summary>
    public string Evidence => string.Create(CultureInfo.InvariantCulture,
        $"{Units.Count(Count, "migration", "migrations")}{(Connections > 1 ? $" over {Connections} connections" : string.Empty)} from {Source} to {Destination}{(IsLowerBound ? ", held down by -Bandwidth: the link can do more" : string.Empty)}");

    /// <summary>The rate and where it comes from: <c>23.1 MiB/s by 3 migrations from kvm1 to kvm2</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BytesPerSecond / MiB:0.0} MiB/s by {Evidence}");
}

/// <summary>Measures what a migration achieves, by its job statistics while its memory moves.</summary>
/// <remarks>
/// The statistics with which libvirt closes a job have no such figure: their time starts with the preparation of the destination, and their
/// rate is now QEMU's average over the migration, now that of its last tenth of a second, as libvirt happens to ask before or after
/// QEMU has closed its own.
/// </remarks>
internal sealed class TransferMeter
{
    private (TimeSpan Elapsed, long Bytes)? _first;
    private (TimeSpan Elapsed, long Bytes) _last;
    private TimeSpan? _disksStart;

    private double? BytesPerSecond => _first is { } first && _last.Bytes > first.Bytes && _last.Elapsed > first.Elapsed
        ? (_last.Bytes - first.Bytes) / (_last.Elapsed - first.Elapsed).TotalSeconds
        : null;

    /// <summary>Takes newer statistics in.</summary>
    public void Take(JobStatistics statistics)
    {
        if (statistics is { Iteration: > 0, MemoryProcessed: > 0 and { } bytes, MemoryRemaining: > 0, IsCompleted: false })
        {
            _last = (statistics.Elapsed, bytes);
            _first ??= _last;
        }
        else if (statistics is { Iteration: null or 0, DiskProcessed: > 0 })
        {
            _disksStart ??= statistics.Elapsed;
        }
    }

    /// <summary>Tells what the migration achieved.</summary>
    public VmMigrationBandwidth? Close(VmMigrationResult result)
    {
        // In post-copy the destination decides what comes next; compressed memory tells of processors as much as of the link.
        if (result is not { Outcome: MigrationOutcome.Completed, IsLive: true, Statistics: { } statistics } ||
            result.Phases.Any(p => p.Phase == MigrationPhase.PostCopy) || result.Options.Contains(MigrationOptions.Compression.Name))
        {
            return null;
        }

        var bytes = statistics.MemoryProcessed ?? statistics.DataProcessed;
        if ((BytesPerSecond ?? statistics.MemoryRate) is not (> 0 and { } rate) || bytes <= 0)
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
    private TimeSpan DisksDuration(double rate) => (_disksStart, _first) switch
    {
        ({ } begin, { } first) when first.Elapsed - TimeSpan.FromSeconds(first.Bytes / rate) - begin is { Ticks: > 0 } duration => duration,
        _ => TimeSpan.Zero,
    };
}

/// <summary>How fast memory gets from one host to another, and how that is known.</summary>
/// <param name="BytesPerSecond">Bytes per second.</param>
/// <param name="Source">Where it is known from.</param>
/// <param name="Evidence">The same in words.</param>
internal sealed record EstimateBandwidth(double BytesPerSecond, BandwidthSource Source, string Evidence)
{
    // Seconds that hosts took here on average, where no migration between the two has shown it.
    private const double UsualOverhead = 0.5;

    /// <summary>Whether completed migrations achieved it.</summary>
    public bool IsAchieved => Source == BandwidthSource.Achieved;

    /// <summary>The time in seconds that both hosts take beside the moving of memory.</summary>
    public double Overhead { get; init; } = UsualOverhead;

    /// <summary>The number of connections that fills it: one for every 10 Gbit/s, at most the processors of the smaller host.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Finds it out: what was given, what completed migrations achieved, or what the slower link is made for.</summary>
    /// <exception cref="MigrationException">Nothing tells.</exception>
    public static async Task<EstimateBandwidth> FindAsync(
        CheckContext move,
        MigrationOptionSet options,
        (VmHost Source, VmHost Destination) hosts,
        BandwidthHistory history,
        CancellationToken cancellationToken)
    {
        var link = await MigrationLink.OfAsync(move, cancellationToken).ConfigureAwait(false);
        var connections = Math.Min(MigrationLink.ConnectionsFor(link.BytesPerSecond ?? 0), Math.Max(1, Math.Min(hosts.Source.CpuCount, hosts.Destination.CpuCount)));
        var found = (history.Find(hosts.Source, hosts.Destination, options.Connections), link.BytesPerSecond, options.Number(MigrationOptions.Bandwidth)) switch
        {
            // What was held down tells less of the link than the link itself.
            ({ } achieved, var speed, _) when speed is null || !achieved.IsLowerBound => new EstimateBandwidth(achieved.BytesPerSecond, BandwidthSource.Achieved, achieved.Evidence),
            (_, { } speed, _) => new(speed, BandwidthSource.LinkSpeed, string.Join("; ", link.Evidence.Select(e => $"{e.Host}: {e.Value}"))),
            (_, _, > 0 and var given) => new(given, BandwidthSource.Given, string.Create(CultureInfo.InvariantCulture, $"-{MigrationOptions.Bandwidth.Name} {given}")),
            _ => throw RequestFailures.NoBandwidth(move.Vm.Vm.Name, hosts.Source.Name, hosts.Destination.Name),
        };
        return found with
        {
            Connections = (int)connections,
            Overhead = history.FindOverhead(hosts.Source, hosts.Destination)?.TotalSeconds ?? UsualOverhead,
        };
    }
}
