using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A migration that this computer runs ends with this computer; one that the source runs goes on.</summary>
public sealed class ClientLossCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var qemu = (await move.Source.GetHostAsync().ConfigureAwait(false)).HypervisorVersion;
        var mayEndGuest = move.Options.Has(MigrationOptions.Parallel) && qemu < QemuVersions.Connections;
        return (move.IsLive, move.Options.Has(MigrationOptions.PeerToPeer)) switch
        {
            (false, _) => NotApplicable("Offline"),
            (_, true) => Passed("PeerToPeer"),
            _ when mayEndGuest => Warning("Connections", qemu),
            _ => Passed("Managed"),
        };
    }
}
