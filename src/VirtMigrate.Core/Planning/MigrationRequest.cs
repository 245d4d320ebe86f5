using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

/// <summary>A migration as the user asked for it.</summary>
internal sealed record MigrationRequest
{
    /// <summary>The VM as it was last seen.</summary>
    public required Vm Vm { get; init; }

    /// <summary>The host that it leaves.</summary>
    public required HostConnection Source { get; init; }

    /// <summary>The host that it goes to.</summary>
    public required HostConnection Destination { get; init; }

    /// <summary>The options that were given.</summary>
    public required MigrationOptionSet Options { get; init; }

    /// <summary>The policy that was asked for; null for none.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>
    /// The options in effect for this VM between these hosts; null where they are not settled yet. Whoever prints, checks or carries out the
    /// migration reads them here.
    /// </summary>
    public EffectiveOptions? Effective { get; init; }

    /// <summary>The report that the migration starts from; null where there is none.</summary>
    public VmMigrationReadiness? Readiness { get; init; }

    /// <summary>The estimate that the migration is held to; null where there is none.</summary>
    public VmMigrationEstimate? Estimate { get; init; }

    /// <summary>Whether the migration goes on without this process: driven by the source's daemon once it has begun, or in post-copy by the two QEMUs.</summary>
    /// <param name="phase">Where it is.</param>
    /// <returns>False where it ends with this process.</returns>
    public bool OutlivesProcess(MigrationPhase phase) => phase is MigrationPhase.PostCopy ||
        (Options.Has(MigrationOptions.PeerToPeer) && phase is not (MigrationPhase.Queued or MigrationPhase.Checking));
}

/// <summary>How VMs are to be migrated, as the user said.</summary>
/// <param name="Options">The options that were given.</param>
/// <param name="Policy">The policy that was given; null for none.</param>
internal sealed record MigrationSettings(MigrationOptionSet Options, MigrationPolicy? Policy)
{
    /// <summary>Nothing in particular.</summary>
    public static readonly MigrationSettings None = new(MigrationOptionSet.Empty, null);

    /// <summary>Makes a request of them.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <param name="destination">The host that it goes to.</param>
    /// <returns>The request.</returns>
    public MigrationRequest ToRequest(Vm vm, HostConnection source, HostConnection destination) => new()
    {
        Vm = vm,
        Source = source,
        Destination = destination,
        Options = Options,
        Policy = Policy,
    };

    /// <summary>These settings over those of a proposal: what was thought through is what is done, unless something else is asked for now.</summary>
    /// <param name="proposal">The proposal; null for none.</param>
    /// <returns>The settings in effect.</returns>
    public MigrationSettings Over(IMigrationProposal? proposal) => proposal is null ? this : new(
        Options.Enabled.Aggregate(MigrationOptionSet.FromValues(proposal.GetOptions()), (set, o) => set.With(o.Key, o.Value)),
        Policy ?? proposal.GetPolicy());
}
