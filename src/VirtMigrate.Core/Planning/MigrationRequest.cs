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
