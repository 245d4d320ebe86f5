using System.Collections.Specialized;
using System.Text.Json.Serialization;

namespace VirtMigrate;

/// <summary>Whether, how long and how one VM will migrate to one destination.</summary>
public sealed record VmMigrationEstimate : IMigrationProposal
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that the VM is on.</summary>
    public required VmHost Source { get; init; }

    /// <summary>The host that it is to go to.</summary>
    public required VmHost Destination { get; init; }

    /// <summary>How it will go with the options that were given.</summary>
    public required MigrationForecast Forecast { get; init; }

    /// <summary>Whether it ends with the options that were given.</summary>
    public MigrationConvergence Verdict => Forecast.Verdict;

    /// <summary>From the start to the guest's running at the destination; null where it would not end.</summary>
    public TimeSpan? Duration => Forecast.Duration;

    /// <summary>The guest's downtime; null where it would not end.</summary>
    public TimeSpan? Downtime => Forecast.Downtime;

    /// <summary>Bytes of memory that cross; null where it would not end.</summary>
    public long? Transferred => Forecast.Transferred;

    /// <summary>Iterations over the guest's memory; null where it would not end.</summary>
    public int? Iterations => Forecast.Iterations;

    /// <summary>The options that make the best of it.</summary>
    public required MigrationRecommendation Recommendation { get; init; }

    /// <summary>Bytes per second that memory is taken to cross at.</summary>
    public required long Bandwidth { get; init; }

    /// <summary>Where <see cref="Bandwidth"/> comes from.</summary>
    public required BandwidthSource BandwidthSource { get; init; }

    /// <summary>Where <see cref="Bandwidth"/> comes from, in words: which migrations, or which links.</summary>
    public required string BandwidthEvidence { get; init; }

    /// <summary>The memory that has to cross at least once, in bytes: what the VM's QEMU holds of it.</summary>
    public required long ResidentMemory { get; init; }

    /// <summary>The downtime limit.</summary>
    public required TimeSpan MaxDowntime { get; init; }

    /// <summary>The least bandwidth in bytes per second with which it surely ends; null where none does.</summary>
    public long? MinimumBandwidth { get; init; }

    /// <summary>The smallest downtime limit with which it surely ends.</summary>
    public TimeSpan? MinimumMaxDowntime { get; init; }

    /// <summary>The share of its processor time, in percent, that auto-converge would have to keep from the guest; 0 for none, null where 99 is not enough.</summary>
    public int? AutoConvergeThrottle { get; init; }

    /// <summary>The time until all memory has moved, if the guest goes over in post-copy after the first iteration.</summary>
    public TimeSpan? PostCopyDuration { get; init; }

    /// <summary>Bytes of disks that are copied; 0 without -CopyStorage.</summary>
    public long StorageSize { get; init; }

    /// <summary>The number of connections that fills the slower link: one for every 10 Gbit/s, at most the processors of the smaller host.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>How fast the VM changes its memory; null for one that does not run.</summary>
    public VmDirtyRate? DirtyRate { get; init; }

    /// <summary>What the figures leave out, such as the gain of compression.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The options and limits that were given, by the names of Start-VmMigration's parameters and in their units.</summary>
    [JsonConverter(typeof(OptionValuesJsonConverter))]
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>The policy that was given; null for none.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>When it was estimated.</summary>
    public required DateTimeOffset Time { get; init; }

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => Source;

    // What comes after an estimate does what the estimate recommends.
    OrderedDictionary IMigrationProposal.GetOptions() => Recommendation.Options;

    MigrationPolicy? IMigrationProposal.GetPolicy() => Policy;

    /// <summary>VM, destination and verdict.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Vm} to {Destination.Name}: {Verdict}";
}

/// <summary>How a migration will go with some options: the most likely figures, and the range that the measurements allow.</summary>
/// <remarks>
/// What belongs to a migration that would not end is null. Of one of which that is uncertain, the figures are those of the case that it ends.
/// </remarks>
public sealed record MigrationForecast
{
    /// <summary>Whether it ends.</summary>
    public required MigrationConvergence Verdict { get; init; }

    /// <summary>From the start to the guest's running at the destination.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The duration if the guest writes as little as the measurements allow.</summary>
    public TimeSpan? ShortestDuration { get; init; }

    /// <summary>The duration if the guest writes as much as the measurements allow.</summary>
    public TimeSpan? LongestDuration { get; init; }

    /// <summary>Bytes of memory that cross.</summary>
    public long? Transferred { get; init; }

    /// <summary>Bytes of memory that cross at most.</summary>
    public long? MostTransferred { get; init; }

    /// <summary>Iterations over the guest's memory.</summary>
    public int? Iterations { get; init; }

    /// <summary>The guest's downtime.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>The guest's downtime at most.</summary>
    public TimeSpan? LongestDowntime { get; init; }
}

/// <summary>Whether a pre-copy migration ends.</summary>
public enum MigrationConvergence
{
    /// <summary>It ends even if the guest writes as much as the measurements allow.</summary>
    Converges,

    /// <summary>It ends, or not, depending on what the measurements can't tell.</summary>
    Uncertain,

    /// <summary>It does not end even if the guest writes as little as the measurements allow.</summary>
    WillNotConverge,
}

/// <summary>The options that an estimate recommends.</summary>
public sealed record MigrationRecommendation
{
    /// <summary>All options and limits to migrate with: those that were given and those that are added, as Start-VmMigration takes them.</summary>
    [JsonConverter(typeof(OptionValuesJsonConverter))]
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>What is added to what was given, as it would be typed, such as <c>-Parallel 4 -MaxDowntime 800</c>; empty for nothing.</summary>
    public required string Added { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>How it will go with them.</summary>
    public required MigrationForecast Forecast { get; init; }

    /// <summary>What is added, else that nothing is.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Added.Length > 0 ? Added : "as given";
}

/// <summary>Where the bandwidth of an estimate comes from.</summary>
public enum BandwidthSource
{
    /// <summary>It was given (-Bandwidth).</summary>
    Given,

    /// <summary>Completed migrations between the two hosts achieved it.</summary>
    Achieved,

    /// <summary>The slower one of the two hosts' links is made for it.</summary>
    LinkSpeed,
}

/// <summary>An object that says how a VM can be migrated, so that Start-VmMigration does what was thought through.</summary>
public interface IMigrationProposal : IVmReference
{
    // Methods, since PowerShell shows an interface's properties beside the object's own, in every list and every export.

    /// <summary>Tells the options and limits, by the names of Start-VmMigration's parameters and in their units.</summary>
    /// <returns>The options.</returns>
    OrderedDictionary GetOptions();

    /// <summary>Tells the policy.</summary>
    /// <returns>The policy; null for none.</returns>
    MigrationPolicy? GetPolicy();
}
