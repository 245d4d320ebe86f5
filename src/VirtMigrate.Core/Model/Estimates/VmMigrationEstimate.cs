using System.Collections.Specialized;
using System.Text.Json.Serialization;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;

namespace VirtMigrate.Model;

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

    /// <summary>From the begin to the guest's running at the destination; null where it would not end.</summary>
    public TimeSpan? Duration => Forecast.Duration;

    /// <summary>The guest's standstill; null where it would not end.</summary>
    public TimeSpan? Downtime => Forecast.Downtime;

    /// <summary>Bytes of memory that cross; null where it would not end.</summary>
    public long? Transferred => Forecast.Transferred;

    /// <summary>Passes over the guest's memory; null where it would not end.</summary>
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

    /// <summary>The longest standstill that is allowed.</summary>
    public required TimeSpan MaxDowntime { get; init; }

    /// <summary>The least bandwidth in bytes per second with which it surely ends; null where none does.</summary>
    public long? MinimumBandwidth { get; init; }

    /// <summary>The smallest limit of the standstill with which it surely ends.</summary>
    public TimeSpan? MinimumMaxDowntime { get; init; }

    /// <summary>The share of its processor time, in percent, that auto-converge would have to keep from the guest; 0 for none, null where 99 is not enough.</summary>
    public int? AutoConvergeThrottle { get; init; }

    /// <summary>The time until all memory has moved, if the guest goes over in post-copy after the first pass.</summary>
    public TimeSpan? PostCopyDuration { get; init; }

    /// <summary>Bytes of disks that are copied; 0 without -CopyStorage.</summary>
    public long StorageSize { get; init; }

    /// <summary>The number of connections that fills the slower link: one for every 10 Gbit/s, at most the processors of the smaller host.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>How fast the VM changes its memory; null for one that stands still.</summary>
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
