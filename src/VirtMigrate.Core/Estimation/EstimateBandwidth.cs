using System.Globalization;
using VirtMigrate.Failures;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Estimation;

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
