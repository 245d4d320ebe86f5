using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Neither host takes encrypted migrations only (migrate_tls_force), where -Tls is not given.</summary>
internal sealed class TlsForcedCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Protocol;
    public override string Subject => "Neither host accepts only encrypted migrations (migrate_tls_force in qemu.conf), unless -Tls is given.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive || context.Options.Has(MigrationOptions.Tls) || context.Options.Has(MigrationOptions.Tunnelled))
        {
            return NotApplicable($"Memory is encrypted, or does not go from QEMU to QEMU.");
        }

        var source = await QemuSettings.ReadAsync(context.Source, cancellationToken).ConfigureAwait(false);
        var destination = await QemuSettings.ReadAsync(context.Destination, cancellationToken).ConfigureAwait(false);
        var (name, other) = (context.SourceName, context.DestinationName);
        var finding = (source, destination) switch
        {
            ({ IsTlsForced: true }, _) => Forced(name),
            (_, { IsTlsForced: true }) => Forced(other),
            (not null, not null) => Passed($"Neither host requires TLS."),
            (null, null) => Unseen($"{name} or {other}"),
            (null, _) => Unseen(name),
            _ => Unseen(other),
        };
        return Seen(Seen(finding, name, source), other, destination);
    }

    private static Finding Forced(string host) => Failed(
        $"{host} accepts only encrypted migrations (migrate_tls_force).",
        advice: $"Add -Tls.",
        libvirt: $"this libvirtd instance allows migration only with VIR_MIGRATE_TLS flag");

    private static Finding Unseen(string hosts) => NotVerified(
        $"Can't tell whether {hosts} accepts only encrypted migrations (migrate_tls_force): qemu.conf can't be read from here.",
        advice: $"Check on the host: grep migrate_tls_force /etc/libvirt/qemu.conf. If it is set, add -Tls.");

    private static Finding Seen(Finding finding, string host, QemuSettings? settings) => settings is null
        ? finding.Seen(host, QemuSettings.File, "not readable from here")
        : finding.Seen(host, QemuSettings.File, $"migrate_tls_force = {(settings.IsTlsForced ? 1 : 0)}");
}
