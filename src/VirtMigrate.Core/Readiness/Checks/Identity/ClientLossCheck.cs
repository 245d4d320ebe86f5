using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A migration that this computer runs ends with this computer; one that the source runs goes on.</summary>
public sealed class ClientLossCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        return Task.FromResult((move.IsLive, move.Options.Has(MigrationOptions.PeerToPeer)) switch
        {
            (false, _) => NotApplicable("Offline"),
            (_, true) => Passed("PeerToPeer"),
            _ => Passed("Managed"),
        });
    }
}
