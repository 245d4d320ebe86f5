using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness;

/// <summary>One VM's migration to one destination, with what is known of VM and hosts: all that a check looks at.</summary>
public sealed record ReadinessMove
{
    /// <summary>The VM.</summary>
    public required VmFacts Vm { get; init; }

    /// <summary>The host that it is on.</summary>
    public required HostFacts Source { get; init; }

    /// <summary>The host that it is to go to.</summary>
    public required HostFacts Destination { get; init; }

    /// <summary>The session's other connected hosts by their names, the destination among them where it is connected.</summary>
    public IReadOnlyDictionary<string, HostFacts> OtherHosts { get; init; } = new Dictionary<string, HostFacts>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The destination's name: its own where it could be reached, else the one in its address.</summary>
    public required string DestinationName { get; init; }

    /// <summary>The options, as far as they could be settled for this VM.</summary>
    public required MigrationOptionSet Options { get; init; }

    /// <summary>Why the options can't be settled for this VM; null where they can.</summary>
    public MigrationException? OptionTrouble { get; init; }

    /// <summary>The policy that steers the migration; null for none.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>The limits that were given.</summary>
    public MigrationLimits Limits { get; init; } = MigrationLimits.None;

    /// <summary>The VMs that take their share of the destination before this one: those before it in the batch, or those on their way there.</summary>
    public IReadOnlyList<VmFacts> Ahead { get; init; } = [];

    /// <summary>What this computer and the hosts can find out about the way between them.</summary>
    public required PathProbe Path { get; init; }

    /// <summary>Which checks are made.</summary>
    public ReadinessSelection Selection { get; init; } = new();

    /// <summary>Whether the VM moves with its memory.</summary>
    public bool IsLive => Vm.Vm.Status.IsActive;

    /// <summary>The name that the VM is to have at the destination.</summary>
    public string NameAtDestination => Options.Text(MigrationOptions.NewName) ?? Vm.Vm.Name;
}
