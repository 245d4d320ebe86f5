using System.Collections.Specialized;
using System.Text.Json.Serialization;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;

namespace VirtMigrate.Model;

/// <summary>Whether one VM can be migrated to one destination, and what was looked at to tell.</summary>
public sealed record VmMigrationReadiness : IMigrationProposal
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that the VM is on.</summary>
    public required VmHost Source { get; init; }

    /// <summary>The host that it is to go to. One that could not be reached has no more than its address.</summary>
    public required VmHost Destination { get; init; }

    /// <summary>Whether what could not be verified counts as an obstacle (-Strict).</summary>
    public bool IsStrict { get; init; }

    /// <summary>Whether nothing stands in the way.</summary>
    public bool IsReady => !Checks.Any(IsObstacle);

    /// <summary>What stands in the way.</summary>
    public IReadOnlyList<VmMigrationCheck> Obstacles => Checks.Where(IsObstacle).ToArray();

    /// <summary>Every check that was made, by category.</summary>
    public required IReadOnlyList<VmMigrationCheck> Checks { get; init; }

    /// <summary>The ids of the checks that were left out on request.</summary>
    public IReadOnlyList<string> Skipped { get; init; } = [];

    /// <summary>The options and limits that were given, by the names of Start-VmMigration's parameters and in their units.</summary>
    [JsonConverter(typeof(OptionValuesJsonConverter))]
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>The policy that was given; null for none.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>When the checks were made.</summary>
    public required DateTimeOffset Time { get; init; }

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => Source;

    OrderedDictionary IMigrationProposal.GetOptions() => Options;

    MigrationPolicy? IMigrationProposal.GetPolicy() => Policy;

    /// <summary>VM, destination and verdict.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => IsReady
        ? $"{Vm} can go to {Destination.Name}"
        : $"{Vm} can't go to {Destination.Name}: {string.Join(", ", Obstacles.Select(c => c.Id))}";

    private bool IsObstacle(VmMigrationCheck check) =>
        check.Status == ReadinessStatus.Failed || ((IsStrict || check.ProtectsData) && check.Status == ReadinessStatus.NotVerified);
}
