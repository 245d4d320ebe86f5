using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

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
