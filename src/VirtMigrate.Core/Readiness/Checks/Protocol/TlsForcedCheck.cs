using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Neither host takes encrypted migrations only (migrate_tls_force), where -Tls is not given.</summary>
public sealed class TlsForcedCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Protocol;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive || move.Options.Has(MigrationOptions.Tls) || move.Options.Has(MigrationOptions.Tunnelled))
        {
            return NotApplicable("NotAsked");
        }

        var source = await QemuSettings.ReadAsync(move.Path.SourceShell, move.Source.Address, cancellationToken).ConfigureAwait(false);
        var destination = await QemuSettings.ReadAsync(move.Path.DestinationShell, move.Destination.Address, cancellationToken).ConfigureAwait(false);
        var name = move.Vm.Vm.VmHost.Name;
        var finding = source?.IsTlsForced == true ? Failed("Forced", name)
            : destination?.IsTlsForced == true ? Failed("Forced", move.DestinationName)
            : (source, destination) switch
            {
                (not null, not null) => Passed("Free"),
                (null, null) => NotVerified("Unseen", $"{name} and {move.DestinationName}"),
                (null, _) => NotVerified("Unseen", name),
                _ => NotVerified("Unseen", move.DestinationName),
            };
        return Seen(Seen(finding, name, source), move.DestinationName, destination);
    }

    private static ReadinessFinding Seen(ReadinessFinding finding, string host, QemuSettings? settings) => settings is null
        ? finding.Seen(host, QemuSettings.File, "not readable from here")
        : finding.Seen(host, QemuSettings.File, $"migrate_tls_force = {(settings.IsTlsForced ? 1 : 0)}");
}
