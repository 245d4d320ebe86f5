using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// The destination tells the source the address to send the guest to: its own host name, whatever address it was reached by. Libvirt
/// refuses one that leads to the source itself.
/// </summary>
public sealed class LocalhostNameCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var host = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = (move.Options.Text(MigrationOptions.MigrateUri), move.Options.Has(MigrationOptions.Tunnelled)) switch
        {
            ({ } uri, _) => Passed("Given", uri),
            (_, true) => NotApplicable("Tunnelled"),
            _ when host.Name.StartsWith("localhost", StringComparison.Ordinal) => Failed("Localhost", host.Name),
            _ => Passed("Named", host.Name),
        };
        return finding.Seen(move.DestinationName, "host name", host.Name);
    }
}
