using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

/// <summary>A migration that both hosts were asked about and that may begin.</summary>
/// <param name="Vm">The VM as the source sees it now.</param>
/// <param name="Source">The host that it leaves.</param>
/// <param name="Destination">The host that it goes to.</param>
/// <param name="SourceHost">The source as it describes itself.</param>
/// <param name="DestinationHost">The destination as it describes itself.</param>
/// <param name="Options">The options in effect, with all defaults put in.</param>
internal sealed record MigrationPlan(
    Vm Vm,
    HostConnection Source,
    HostConnection Destination,
    VmHost SourceHost,
    VmHost DestinationHost,
    MigrationOptionSet Options)
{
    /// <summary>The VM's shut-off definition that the destination has already, of an earlier move; null where it has none.</summary>
    public Vm? Leftover { get; init; }

    /// <summary>The limits in effect.</summary>
    public MigrationLimits Limits => Options.Limits;

    /// <summary>The policy that decides while it moves; null for none.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>The downtime that the user allowed, which a policy does not go beyond; null for none.</summary>
    public TimeSpan? GivenMaxDowntime { get; init; }

    /// <summary>The estimate that the migration is held to; null where there is none.</summary>
    public VmMigrationEstimate? Estimate { get; init; }

    /// <summary>What was decided when the policy and the options were brought together.</summary>
    public IReadOnlyList<MigrationDecision> Decisions { get; init; } = [];

    /// <summary>The state of before of a VM that is known to have run, and of no more.</summary>
    internal static readonly VmStatus RunningBefore = new(VmState.Running, 0);

    /// <summary>What is done about it.</summary>
    internal MigrationRole Role { get; init; }

    /// <summary>What its source is asked for, where it is only followed: an abort, the end or the begin of post-copy.</summary>
    internal MigrationRequested Steering { get; init; }

    /// <summary>Whether the VM is known to have been, before the migration, what it was last seen as.</summary>
    internal bool IsBeforeKnown { get; init; } = true;

    /// <summary>How long nothing may move in a post-copy that is resumed.</summary>
    internal TimeSpan StallTimeout { get; init; }

    /// <summary>
    /// Tells the state of before a live migration from what is seen of the VM while it is under way: what the migration itself has brought about
    /// is taken off.
    /// </summary>
    /// <param name="seen">What is seen.</param>
    /// <returns>The state of before.</returns>
    internal static VmStatus BeforeOf(VmStatus seen) =>
        seen is { IsActive: true, IsPausedByMigration: false, IsPostCopyHalf: false } ? seen : RunningBefore;

    /// <summary>Whether the migration goes on where this side loses its call: the source's daemon, or a client beside it, drives it.</summary>
    public bool OutlivesClient => Options.Has(MigrationOptions.PeerToPeer) || Source.MigrationOutlivesClient;

    /// <summary>What is in effect, with how it came about.</summary>
    internal EffectiveOptions Effective => new(Options, Decisions);

    /// <summary>Whether the VM moves with its memory.</summary>
    public bool IsLive => !Options.Has(MigrationOptions.Offline);

    /// <summary>The equal virsh command.</summary>
    public string Command => VirshCommand.Migrate(SourceHost.Uri, Vm.Name, DestinationHost.Uri, Options);
}

/// <summary>What a machine has to do with a migration.</summary>
internal enum MigrationRole
{
    /// <summary>It makes it: the own call moves the VM.</summary>
    Move,

    /// <summary>It lets a post-copy that broke go on.</summary>
    Resume,

    /// <summary>It follows, and may steer, what somebody else started.</summary>
    Follow,
}

/// <summary>What a host is asked to do about a migration.</summary>
internal enum MigrationRequested
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Read the downtime limit.</summary>
    ReadMaxDowntime,

    /// <summary>Set the downtime limit.</summary>
    SetMaxDowntime,

    /// <summary>Switch to post-copy.</summary>
    StartPostCopy,

    /// <summary>Suspend the guest.</summary>
    Suspend,

    /// <summary>Abort the job.</summary>
    Abort,

    /// <summary>Break the post-copy: both halves stand still until it is resumed.</summary>
    AbortPostCopy,

    /// <summary>Start the VM when the destination boots.</summary>
    SetAutostart,
}
