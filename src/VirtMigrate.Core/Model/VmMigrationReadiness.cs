using System.Collections.Specialized;
using System.Text.Json.Serialization;

namespace VirtMigrate;

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

/// <summary>What came of one check of one VM and destination.</summary>
public sealed record VmMigrationCheck
{
    /// <summary>The check's stable id, such as <c>MachineType</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it is about.</summary>
    public required ReadinessCategory Category { get; init; }

    /// <summary>What came of it.</summary>
    public required ReadinessStatus Status { get; init; }

    /// <summary>Whether it keeps data from being lost: then it can't be skipped, and what it can't verify is an obstacle.</summary>
    public bool ProtectsData { get; init; }

    /// <summary>What was found, in a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>What was read, and from where.</summary>
    public IReadOnlyList<ReadinessEvidence> Evidence { get; init; } = [];

    /// <summary>What to do about it, with a command where one exists; null where nothing is to be done.</summary>
    public string? Recommendation { get; init; }

    /// <summary>The message with which libvirt or QEMU would have failed; null where it would not.</summary>
    public string? LibvirtError { get; init; }

    /// <summary>What the check broke with, for a report: a defect of this module. Null for a check that did its work.</summary>
    public string? Defect { get; init; }

    /// <summary>Id, status and message.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Id}: {Status}. {Message}";
}

/// <summary>What came of a check.</summary>
public enum ReadinessStatus
{
    /// <summary>It was looked at, and nothing stands in the way.</summary>
    Passed,

    /// <summary>The migration can go well, but something deserves attention.</summary>
    Warning,

    /// <summary>The migration would fail.</summary>
    Failed,

    /// <summary>It could not be looked at from here. That is no pass.</summary>
    NotVerified,

    /// <summary>The VM has nothing that the check is about.</summary>
    NotApplicable,
}

/// <summary>What a check is about.</summary>
public enum ReadinessCategory
{
    /// <summary>The hypervisors of both hosts.</summary>
    Hypervisor,

    /// <summary>Names, routes, and the networks that the guest is attached to.</summary>
    Network,

    /// <summary>The ports that the migration uses.</summary>
    Ports,

    /// <summary>The daemons and how they are reached.</summary>
    Protocol,

    /// <summary>Architecture, machine type, emulator and firmware.</summary>
    Machine,

    /// <summary>The guest's processor.</summary>
    Cpu,

    /// <summary>Disks, images, pools, snapshots and block jobs.</summary>
    Storage,

    /// <summary>How fast memory can move, and how fast the guest changes it.</summary>
    Bandwidth,

    /// <summary>Devices that can't move, or not as they are.</summary>
    Devices,

    /// <summary>Which hosts and which VM these are, and in which state.</summary>
    Identity,

    /// <summary>Memory and processors at the destination.</summary>
    Capacity,

    /// <summary>The options of the migration.</summary>
    Options,
}

/// <summary>Something that a check read.</summary>
/// <param name="From">Where: a host's name, or <c>this computer</c>.</param>
/// <param name="What">What was asked, in libvirt's terms: <c>capabilities</c>, <c>domain XML</c>, <c>tcp 49152</c>.</param>
/// <param name="Value">What was read.</param>
public sealed record ReadinessEvidence(string From, string What, string Value)
{
    /// <summary>All in one line.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{From}, {What}: {Value}";
}
